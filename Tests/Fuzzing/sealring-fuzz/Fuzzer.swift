import FuzzTargets

/// What libFuzzer, which has the program's `main`, calls with every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    do { try target.check(input) } catch { fatalError("\(target.rawValue): \(error)") }
    return 0
}
