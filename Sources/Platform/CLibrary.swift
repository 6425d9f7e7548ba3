@_exported public import CPlatform

// The one place that knows which C library this is; a file that imports this module has its names.
#if hasFeature(Embedded)
    // CPlatform has all of its names but the macros, which are here.

    package var errno: Int32 {
        get { platform_errno() }
        set { platform_set_errno(newValue) }
    }

    package var programArguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        guard let words = unsafe platform_arguments() else { preconditionFailure("the entry sets them") }
        return unsafe words
    }

    package var programEnvironment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        guard let variables = unsafe platform_environment() else {
            preconditionFailure("every process has one")
        }
        return unsafe variables
    }
#else
    #if canImport(Glibc)
        @_exported public import Glibc
    #else
        @_exported public import Darwin
    #endif

    /// The words of the command line, with nil behind the last one.
    package var programArguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        unsafe CommandLine.unsafeArgv
    }

    /// The variables of the environment, with nil behind the last one.
    package var programEnvironment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> { unsafe environ }
#endif
