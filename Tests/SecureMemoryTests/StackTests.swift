#if os(Linux)
    import Platform
    import Glibc
    import Testing

    /// Leaves a pattern on the stack, as a hash that does not wipe its frames leaves a key.
    @inline(never)
    private func leave(_ depth: Int) -> UInt {
        var frame = InlineArray<2048, UInt8>(repeating: 0xB3)
        frame[depth] = UInt8(truncatingIfNeeded: depth)
        let address = unsafe withUnsafePointer(to: &frame) { UInt(bitPattern: $0) }
        return depth > 0 ? min(address, leave(depth - 1)) : address
    }

    /// How many bytes of the pattern are there, read through the kernel.
    @inline(never)
    private func count(at address: UInt, in file: Int32, _ room: UnsafeMutableRawBufferPointer) -> Int {
        let got = unsafe pread(file, room.baseAddress, room.count, off_t(address))
        return unsafe room.prefix(max(got, 0)).filter { $0 == 0xB3 }.count
    }

    @Suite("The stack")
    struct StackTests {
        @Test("holds nothing of the calls before after it was wiped")
        func wiped() {
            let file = unsafe open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
            defer { close(file) }
            let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 20 << 10, alignment: 16)
            defer { unsafe room.deallocate() }
            let lowest = leave(8)
            #expect(unsafe count(at: lowest, in: file, room) > 8 << 10, "the control finds what is there")
            _ = leave(8)
            platform_wipe_stack()
            #expect(unsafe count(at: lowest, in: file, room) < 256)
        }
    }
#endif
