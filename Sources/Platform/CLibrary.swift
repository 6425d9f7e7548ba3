@_exported public import CPlatform

// The one place that knows which C library this is; a file that imports this module has its names.
#if canImport(Glibc)
    @_exported public import Glibc
#else
    @_exported public import Darwin
#endif
