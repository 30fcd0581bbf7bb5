import Glibc

/// What libFuzzer calls with each input: the readers of `FuzzTarget`, and a trap where one of them objects.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    for target in chosen {
        if let objection = target.objection(bytes) {
            write("\(target.name): \(objection)\n")
            abort()
        }
    }
    return 0
}

/// `BILLHOOK_FUZZ_TARGET` names one reader; without it, each input goes to all of them.
private let chosen = FuzzTarget.all.filter { target in
    guard let name = getenv("BILLHOOK_FUZZ_TARGET") else { return true }
    return String(cString: name) == target.name
}

private func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(2, bytes, bytes.count)
}
