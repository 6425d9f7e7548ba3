import Platform
import SecureMemory
import Testing

struct ProcessHardeningTests {
    @Test("no protection is refused, and core dumps are off")
    func coreDumps() async {
        await #expect(processExitsWith: .success) {
            #expect(ProcessHardening.apply() == [])
            var limit = rlimit(rlim_cur: 1, rlim_max: 1)
            #expect(unsafe getrlimit(Int32(RLIMIT_CORE.rawValue), &limit) == 0)
            #expect(limit.rlim_cur == 0 && limit.rlim_max == 0)
        }
    }

    @Test("the limit on locked memory is lifted as far as it goes")
    func lockedMemory() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit(rlim_cur: 1 << 16, rlim_max: 1 << 20)
            #expect(unsafe setrlimit(Int32(__RLIMIT_MEMLOCK.rawValue), &limit) == 0)
            ProcessHardening.apply()
            #expect(unsafe getrlimit(Int32(__RLIMIT_MEMLOCK.rawValue), &limit) == 0)
            #expect(limit.rlim_cur == 1 << 20)
        }
    }

    #if os(Linux)
        @Test("other processes of the user cannot look into this one")
        func inspection() async {
            await #expect(processExitsWith: .success) {
                let getDumpable: Int32 = 3
                #expect(prctl(getDumpable) == 1)
                ProcessHardening.apply()
                #expect(prctl(getDumpable) == 0)
            }
        }
    #endif

    @Test("a crash ends the process by its signal", arguments: [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE])
    func crashes(number: Int32) async {
        await #expect(processExitsWith: .signal(number)) { [number] in
            _ = signal(number) { _ in exit(0) }
            ProcessHardening.apply()
            raise(number)
        }
    }

    @Test(
        "what is opened never gets the number of a standard stream that was closed",
        arguments: [[0], [1], [2], [0, 1], [1, 2], [0, 1, 2]] as [[Int32]])
    func streams(closed: [Int32]) async {
        await #expect(processExitsWith: .success) { [closed] in
            // The test's own way to tell what failed may be among them, so that the exit tells.
            for stream in closed { close(stream) }
            guard ProcessHardening.occupyClosedStreams() else { exit(1) }
            let file = unsafe open("/dev/zero", O_RDWR)
            guard file > 2 else { exit(2) }
            var byte: UInt8 = 1
            for stream in closed {
                // As before: nothing can be read from stdin, nor written to the others.
                let got =
                    stream == 0 ? unsafe read(stream, &byte, 1) : unsafe write(stream, &byte, 1)
                guard got < 0, errno == EBADF else { exit(3) }
            }
            exit(0)
        }
    }

    @Test("open streams stay what they are")
    func openStreams() async {
        await #expect(processExitsWith: .success) {
            var before = stat()
            var after = stat()
            guard unsafe fstat(1, &before) == 0, ProcessHardening.occupyClosedStreams(),
                unsafe fstat(1, &after) == 0, before.st_ino == after.st_ino
            else { exit(1) }
            exit(0)
        }
    }
}
