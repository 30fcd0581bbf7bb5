import ArgumentParser

/// How results are printed.
struct OutputOption: ParsableArguments {
    @Flag(help: "Prints results as JSON: one object, or one a line where there are several.")
    var json = false
}
