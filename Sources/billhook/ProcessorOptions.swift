import ArgumentParser
import Daemon
import Engine
import Glibc
import Operate
import Process
import Program
import SystemPackage

/// What processes the invoices, if it is not the built-in processor.
struct ProcessorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A program to run for each invoice: a path, or a name in PATH.",
            discussion: """
                The invoice comes as JSON on its standard input, its key and id as INVOICE_KEY and INVOICE_ID. Exit code 0: \
                done, and a JSON object on standard output becomes the invoice's `result`; 75: try again later; any other: \
                dead, with the last lines of standard error.
                """, valueName: "program"))
    var processor: String?

    @Option(
        name: .customLong("processor-argument"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "An argument for it; give the option again for each. BILLHOOK_PROCESSOR_ARGUMENT holds one a line.",
            valueName: "text"))
    var arguments: [String] = ProcessorOptions.argumentsFromEnvironment

    @Option(name: .customLong("processor-timeout"), about: "How long it may run for one invoice.")
    var timeout: Span = Environment.value("PROCESSOR_TIMEOUT") ?? Span(.seconds(60))

    @Option(
        name: .customLong("processor-concurrency"),
        help: "How many of it may run at once; 0 means one for each processor of the machine.")
    var concurrency: Int = Environment.value("PROCESSOR_CONCURRENCY") ?? 0

    func validate() throws {
        if program == nil, !arguments.isEmpty { throw ValidationError("--processor-argument goes with --processor.") }
        if timeout.duration <= .zero { throw ValidationError("--processor-timeout takes a span greater than zero.") }
        if !(0...1024).contains(concurrency) {
            throw ValidationError("--processor-concurrency takes a number from 0 to 1024.")
        }
    }

    /// Throws `OperateError` if the program can't be run: better now than at the first invoice.
    func apply(to options: inout Options) throws(OperateError) {
        guard let name = program else { return }
        do throws(StartProblem) {
            var program = Program(path: try Program.find(name), arguments: arguments)
            program.timeLimit = timeout.duration
            options.processor = program
        } catch {
            throw OperateError(.configuration, "The processor '\(name)' \(error.problem). \(error.fix)")
        }
        options.limits.programs = concurrency > 0 ? concurrency : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    private var program: String? { processor ?? Environment.value("PROCESSOR") }

    private static var argumentsFromEnvironment: [String] {
        let text: String? = Environment.value("PROCESSOR_ARGUMENT")
        return text.map { $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) } ?? []
    }
}
