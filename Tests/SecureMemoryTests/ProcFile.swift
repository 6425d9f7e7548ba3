#if os(Linux)
    import Glibc

    /// The lines of a file of the kernel.
    func procLines(_ path: String) -> [Substring] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        precondition(descriptor >= 0, "\(path) cannot be opened")
        defer { close(descriptor) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let got = unsafe chunk.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress, $0.count)
            }
            if got <= 0 { break }
            text += chunk[..<got]
        }
        return String(decoding: text, as: UTF8.self).split(separator: "\n")
    }

    /// What the kernel says of the mapping that holds an address: its fields by their names.
    func mapping(at address: UInt) -> [Substring: [Substring]] {
        var fields: [Substring: [Substring]] = [:]
        var isInside = false
        for line in procLines("/proc/self/smaps") {
            let words = line.split(separator: " ")
            let bounds = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            if bounds.count == 2 {
                isInside = (bounds[0]..<bounds[1]).contains(address)
                if isInside { fields["permissions"] = [words[1]] }
            } else if isInside {
                fields[words[0].dropLast()] = Array(words.dropFirst())
            }
        }
        return fields
    }

    /// KiB of locked memory of this process.
    func lockedMemory() -> Int? {
        let line = procLines("/proc/self/status").first { $0.hasPrefix("VmLck:") }
        return line?.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) }
    }
#endif
