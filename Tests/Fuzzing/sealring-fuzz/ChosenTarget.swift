import FuzzTargets

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What `SEALRING_FUZZ_TARGET` names: libFuzzer starts copies of the program with arguments of its own.
///
/// In a file of its own, since Swift takes the only file of a program for a script with a `main`.
let target: FuzzTarget = {
    let name = unsafe getenv("SEALRING_FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        fatalError("SEALRING_FUZZ_TARGET is none of \(FuzzTarget.allCases.map(\.rawValue))")
    }
    return target
}()
