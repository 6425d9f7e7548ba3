// What the C libraries spell differently.
#if os(Linux)
    /// The flag of a mapping that no file backs.
    package var mapAnonymous: Int32 { MAP_ANONYMOUS }
#else
    package var mapAnonymous: Int32 { MAP_ANON }
#endif
