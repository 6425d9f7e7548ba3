import Platform
import SecureMemory
import TestSupport
import Testing

struct SecretBytesTests {
    static let counts = [0, 1, 15, 16, 17, 4095, 4096, 4097, 100_000]

    @Test("new bytes are zero, and as many as were asked for", arguments: counts)
    func zeroAtFirst(count: Int) throws {
        let secret = try SecretBytes(count: count)
        #expect(secret.exposed == [UInt8](repeating: 0, count: count))
    }

    @Test("every byte can be written and is read back", arguments: counts)
    func writable(count: Int) throws {
        let pattern = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
        var secret = try SecretBytes(count: count)
        unsafe secret.withUnsafeMutableBytes { unsafe $0.copyBytes(from: pattern) }
        #expect(secret.exposed == pattern)
    }

    @Test("wiping leaves zeros")
    func wiped() throws {
        var secret = try secret(Array(1...200))
        secret.wipe()
        #expect(secret.exposed == [UInt8](repeating: 0, count: 200))
    }

    @Test("a copy of a range holds that range", arguments: [0..<0, 0..<3, 5..<10, 0..<10])
    func copyOfRange(range: Range<Int>) throws {
        let bytes = [UInt8](10..<20)
        let part = try secret(bytes).copy(range)
        #expect(part.exposed == Array(bytes[range]))
    }

    @Test("another size cuts, or fills with zeros", arguments: [0, 4, 10, 5000])
    func resized(count: Int) throws {
        let bytes = [UInt8](10..<20)
        let other = try secret(bytes).resized(to: count)
        #expect(other.exposed == Array((bytes + [UInt8](repeating: 0, count: count)).prefix(count)))
    }

    #if os(Linux)
        @Test("the pages are locked, not dumped, not inherited by a child", arguments: counts.dropFirst())
        func pageFlags(count: Int) throws {
            let secret = try SecretBytes(count: count)
            let address = secret.address
            let fields = mapping(at: address)
            let flags = try #require(fields["VmFlags"])
            for flag in ["lo", "dd", "dc"] { #expect(flags.contains(Substring(flag)), "flag \(flag)") }
            #expect(fields["Locked"]?.first != "0")
            drop(secret)
        }

        @Test("the pages on both sides cannot be touched", arguments: counts.dropFirst())
        func guardPermissions(count: Int) throws {
            let secret = try SecretBytes(count: count)
            let start = secret.address
            let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
            let first = start / page * page
            #expect(mapping(at: first - 1)["permissions"] == ["---p"])
            #expect(mapping(at: start + (UInt(count) + 15) / 16 * 16)["permissions"] == ["---p"])
            drop(secret)
        }

        @Test("locked memory is counted by the system, and given back at the end")
        func lockedMemoryCounts() async {
            await #expect(processExitsWith: .success) {
                let before = try #require(lockedMemory())
                let secret = try SecretBytes(count: 64 << 10)
                #expect(lockedMemory() == before + 64)
                drop(secret)
                #expect(lockedMemory() == before)
            }
        }

        @Test("memory that may not be locked is refused")
        func refusedLock() async {
            await #expect(processExitsWith: .success) {
                var none = rlimit(rlim_cur: 0, rlim_max: 0)
                try #require(unsafe setrlimit(Int32(__RLIMIT_MEMLOCK.rawValue), &none) == 0)
                // Root may lock without a limit.
                if geteuid() == 0 { try #require(setuid(65534) == 0) }
                #expect(throws: SecureMemoryError.cannotLock(count: 100, code: EPERM)) {
                    _ = try SecretBytes(count: 100)
                }
            }
        }

        @Test("memory that the system does not have is refused")
        func refusedAllocation() async {
            await #expect(processExitsWith: .success) {
                #expect(throws: SecureMemoryError.cannotAllocate(count: 1 << 50, code: ENOMEM)) {
                    _ = try SecretBytes(count: 1 << 50)
                }
            }
        }

        @Test("bytes are wiped before their memory is given back")
        func wipedAtTheEnd() async {
            await #expect(processExitsWith: .success) {
                let secret = try secret([UInt8](repeating: 0xA5, count: 5000))
                let address = secret.address
                // The memory stays mapped, so that it can be looked at after its end.
                try #require(refuseUnmapping())
                drop(secret)
                let left = unsafe UnsafeRawBufferPointer(
                    start: UnsafeRawPointer(bitPattern: address), count: 5000)
                #expect(unsafe left.allSatisfy { $0 == 0 })
                #expect(mapping(at: address)["permissions"] == ["rw-p"])
            }
        }
    #endif

    @Test("reading past the end stops the process")
    func readingPastTheEnd() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            dieAtOnce()
            let secret = try SecretBytes(count: 32)
            let address = secret.address
            touch(address + 32)
            drop(secret)
        }
    }

    @Test("reading before the first page stops the process")
    func readingBeforeTheStart() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            dieAtOnce()
            let page = sysconf(Int32(_SC_PAGESIZE))
            let secret = try SecretBytes(count: page)
            let address = secret.address
            touch(address - 1)
            drop(secret)
        }
    }
}
