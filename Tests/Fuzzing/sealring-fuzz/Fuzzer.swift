import FuzzTargets

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What libFuzzer calls with every input. `SEALRING_FUZZ_TARGET` names the target, since libFuzzer starts
/// copies of the program with arguments of its own.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    do { try target.check(input) } catch { fatalError("\(target.rawValue): \(error)") }
    return 0
}

private let target: FuzzTarget = {
    let name = unsafe getenv("SEALRING_FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        fatalError("SEALRING_FUZZ_TARGET is none of \(FuzzTarget.allCases.map(\.rawValue))")
    }
    return target
}()
