import Platform
import SecureMemory

extension SecretBytes {
    /// Where the first byte lies.
    var address: UInt { unsafe withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }
}

/// Ends the value here, and not earlier.
@inline(never)
func drop(_ secret: consuming SecretBytes) {}

/// Reads one byte at an address that may not be readable.
@inline(never)
func touch(_ address: UInt) {
    guard let pointer = unsafe UnsafeRawPointer(bitPattern: address) else { return }
    // What was read decides something, or the read would be left out.
    if unsafe pointer.load(as: UInt8.self) == 255 { exit(0) }
}

/// Lets a crash end the process at once: no backtrace is wanted of one that is meant.
func dieAtOnce() { _ = signal(SIGSEGV, SIG_DFL) }

#if os(Linux)
    /// The system call, which takes a variable number of arguments and is not imported for that.
    func prctl(_ option: Int32, _ first: UInt = 0, _ second: UInt = 0) -> Int32 {
        typealias Call = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
        guard let symbol = unsafe dlsym(nil, "prctl") else { return -1 }
        return unsafe unsafeBitCast(symbol, to: Call.self)(option, first, second, 0, 0)
    }

    /// Makes `munmap` fail from now on, by a filter of system calls.
    func refuseUnmapping() -> Bool {
        #if arch(x86_64)
            let number: UInt32 = 11
        #else
            let number: UInt32 = 215
        #endif
        // Load the call's number; munmap gets EPERM, everything else its way.
        let program: [UInt64] = [
            instruction(0x20, 0, 0, 0), instruction(0x15, 0, 1, number),
            instruction(0x06, 0, 0, 0x0005_0000 | UInt32(EPERM)), instruction(0x06, 0, 0, 0x7FFF_0000),
        ]
        return unsafe program.withUnsafeBytes { program in
            let filter = [UInt(program.count / 8), UInt(bitPattern: program.baseAddress)]
            let noNewPrivileges: Int32 = 38
            let setFilter: Int32 = 22
            return unsafe filter.withUnsafeBytes { filter in
                prctl(noNewPrivileges, 1, 0) == 0
                    && prctl(setFilter, 2, UInt(bitPattern: filter.baseAddress)) == 0
            }
        }
    }

    /// A `sock_filter`.
    private func instruction(_ code: UInt16, _ ifTrue: UInt8, _ ifFalse: UInt8, _ value: UInt32) -> UInt64 {
        UInt64(code) | UInt64(ifTrue) << 16 | UInt64(ifFalse) << 24 | UInt64(value) << 32
    }
#endif
