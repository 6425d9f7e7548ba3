#if os(Linux)
    import CWipingMemory
    import Glibc
    import Testing

    /// The memory of the libraries that speak to AWS.
    @Suite("Memory of libraries", .serialized)
    struct WipingMemoryTests {
        /// The bytes at an address, read through the kernel: the memory may have been given back.
        private func bytes(at address: UInt, count: Int) -> [UInt8]? {
            let file = unsafe open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { return nil }
            defer { close(file) }
            var found = [UInt8](repeating: 0, count: count)
            return unsafe pread(file, &found, count, off_t(address)) == count ? found : nil
        }

        /// How many bytes of the pattern are left at most: the C library writes its own lists into what is free.
        private func isWiped(_ address: UInt, _ count: Int) -> Bool? {
            bytes(at: address, count: count).map { found in found.filter { $0 == 0xA7 }.count < 8 }
        }

        private func filled(_ count: Int) throws -> UnsafeMutableRawPointer {
            let start = try unsafe #require(unsafe wiping_malloc(count))
            unsafe memset(start, 0xA7, count)
            return unsafe start
        }

        @Test("is wiped before it is given back", arguments: [64, 1000, 20_000])
        func freed(count: Int) throws {
            let start = try unsafe filled(count)
            let address = UInt(bitPattern: start)
            #expect(isWiped(address, count) == false, "the control finds what is there")
            unsafe wiping_free(start)
            #expect(isWiped(address, count) == true)
        }

        @Test("is wiped where it grows or shrinks to another place", arguments: [100, 3000])
        func moved(newCount: Int) throws {
            let start = try unsafe filled(1000)
            let address = UInt(bitPattern: start)
            let other = try unsafe #require(unsafe wiping_realloc(start, newCount))
            defer { unsafe wiping_free(other) }
            #expect(UInt(bitPattern: other) != address)
            #expect(isWiped(address, 1000) == true)
            let kept = min(1000, newCount)
            #expect(bytes(at: UInt(bitPattern: other), count: kept) == Array(repeating: 0xA7, count: kept))
        }

        @Test("has 32 MiB in all, which come back when they are given back")
        func bounded() throws {
            let limit = 32 << 20
            #expect(unsafe wiping_malloc(limit + 1) == nil)
            #expect(unsafe wiping_malloc(.max) == nil)
            #expect(unsafe wiping_calloc(1 << 20, 33) == nil)
            #expect(unsafe wiping_calloc(.max, .max) == nil)
            let most = try unsafe #require(unsafe wiping_malloc(limit - 100))
            #expect(unsafe wiping_malloc(101) == nil)
            #expect(unsafe wiping_strdup(String(repeating: "x", count: 100)) == nil)
            let rest = try unsafe #require(unsafe wiping_malloc(100))
            #expect(unsafe wiping_realloc(rest, 200) == nil)
            unsafe wiping_free(rest)
            unsafe wiping_free(most)
            let again = try unsafe #require(unsafe wiping_calloc(limit, 1))
            #expect(bytes(at: UInt(bitPattern: again), count: 4096) == Array(repeating: 0, count: 4096))
            unsafe wiping_free(again)
        }

        @Test("takes nothing back of nothing")
        func nothing() {
            wiping_free(nil)
            let start = unsafe wiping_realloc(nil, 10)
            #expect(unsafe wiping_realloc(start, 0) == nil && start != nil)
        }
    }
#endif
