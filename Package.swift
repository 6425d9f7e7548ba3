// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // A span of secret bytes cannot outlive them.
    .enableExperimentalFeature("Lifetimes"),
    .strictMemorySafety(),
]

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name), "Platform", "TestSupport"] + dependencies,
        swiftSettings: settings)
}

// `Tests/Fuzzing/fuzz.sh` builds the fuzzer, which no ordinary build needs.
let fuzzers: [Target] =
    Context.environment["SEALRING_FUZZ"] == "1"
    ? [
        .executableTarget(
            name: "sealring-fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzzing/sealring-fuzz",
            swiftSettings: settings)
    ] : []

let package = Package(
    name: "sealring",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "CredentialVault", targets: ["CredentialVault", "AWSValues", "SecureMemory"]),
        .library(name: "SealringCredentials", targets: ["SealringCredentials", "SecureMemory"]),
        .executable(name: "sealring", targets: ["sealring"]),
        .executable(name: "sealring-agent", targets: ["sealring-agent"]),
        .executable(name: "sealring-aws", targets: ["sealring-aws"]),
        .executable(name: "sealring-credential-process", targets: ["sealring-credential-process"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        // Only for `swift package generate-documentation`.
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", exact: "1.5.0"),
    ],
    targets: [
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .target(name: "CPlatform"),
        .target(name: "CWipingMemory"),
        module("Platform", ["CPlatform"]),
        module("SecureMemory", ["Platform"]),
        module("DurableFiles", ["AWSValues", "Platform", "SecureMemory"]),
        module("VaultCrypto", ["Platform", "CSodium", "SecureMemory"]),
        module("CredentialVault", ["AWSValues", "Platform", "DurableFiles", "SecureMemory", "VaultCrypto"]),
        module("AWSValues", []),
        module("AWSConfigGrammar", ["AWSValues"]),
        module("CredentialImport", ["AWSConfigGrammar", "AWSValues", "Platform", "SecureMemory"]),
        module(
            "AWSConfigFile", ["AWSConfigGrammar", "AWSValues", "DurableFiles", "Platform", "SecureMemory"]),
        module("AWSRequests", ["AgentProtocol", "AWSValues", "SecureMemory", "VaultCrypto"]),
        module("AgentProtocol", ["AWSValues", "Platform", "SecureMemory"]),
        module("AWSExchange", ["AgentProtocol", "AWSValues", "DurableFiles", "Platform", "SecureMemory"]),
        module("SealringCredentials", ["AgentProtocol", "AWSValues", "Platform", "SecureMemory"]),
        .target(name: "CSandbox"),
        module(
            "ProgramSupport",
            [
                "AgentProtocol", "AWSRequests", "AWSValues", "CredentialVault", "DurableFiles", "Platform",
                "SecureMemory",
            ]),
        module(
            "CredentialAgent",
            [
                "AgentProtocol", "AWSRequests", "AWSValues", "Platform", "CSandbox", "CredentialVault",
                "DurableFiles", "ProgramSupport", "SecureMemory", "VaultCrypto",
            ]),
        module(
            "VaultClient",
            [
                "AgentProtocol", "AWSConfigFile", "AWSConfigGrammar", "AWSExchange", "AWSRequests",
                "AWSValues", "CredentialAgent", "CredentialImport", "CredentialVault", "DurableFiles",
                "Platform", "ProgramSupport", "SecureMemory", "VaultCrypto",
            ]),
        .executableTarget(
            name: "sealring-agent",
            dependencies: [
                "AgentProtocol", "Platform", "CredentialAgent", "CredentialVault", "DurableFiles",
                "ProgramSupport", "SecureMemory",
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "sealring-aws",
            dependencies: [
                "AgentProtocol", "AWSExchange", "CCurl", "CLibXML2", "Platform", "CWipingMemory",
                "SecureMemory",
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "sealring",
            dependencies: [
                "AgentProtocol", "AWSConfigFile", "AWSConfigGrammar", "AWSExchange", "AWSRequests",
                "AWSValues",
                "Platform", "CredentialAgent", "CredentialImport", "CredentialVault", "DurableFiles",
                "ProgramSupport", "SecureMemory", "VaultClient", "VaultCrypto",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["Manual"],
            swiftSettings: settings),
        .executableTarget(
            name: "sealring-credential-process",
            dependencies: ["AgentProtocol", "AWSValues", "Platform", "SecureMemory"],
            swiftSettings: settings),
        tests("CWipingMemory"),
        .testTarget(name: "PlatformTests", dependencies: ["Platform"], swiftSettings: settings),
        tests("SecureMemory"),
        tests("DurableFiles", ["SecureMemory"]),
        tests("VaultCrypto", ["SecureMemory"]),
        tests("CredentialVault", ["AWSValues", "SecureMemory", "VaultCrypto", "DurableFiles"]),
        tests("AWSValues"),
        tests("AWSConfigGrammar"),
        tests("CredentialImport", ["AWSConfigFile", "AWSConfigGrammar", "AWSValues", "SecureMemory"]),
        tests("AWSConfigFile", ["AWSConfigGrammar", "DurableFiles", "SecureMemory"]),
        tests("AWSRequests", ["AgentProtocol", "AWSValues", "SecureMemory", "VaultCrypto"]),
        tests("AWSExchange", ["AgentProtocol", "DurableFiles", "SecureMemory"]),
        tests(
            "ProgramSupport",
            ["AgentProtocol", "AWSRequests", "CredentialVault", "DurableFiles", "SecureMemory"]),
        tests(
            "VaultClient",
            [
                "AgentProtocol", "AWSConfigFile", "AWSConfigGrammar", "AWSExchange", "AWSRequests",
                "CredentialImport", "CredentialVault", "DurableFiles", "ProgramSupport",
                "SecureMemory", "VaultCrypto",
            ]),
        tests("SealringCredentials", ["AgentProtocol", "SecureMemory"]),
        tests("AgentProtocol", ["AWSValues", "SecureMemory"]),
        tests(
            "CredentialAgent",
            [
                "AgentProtocol", "AWSValues", "CProbe", "CSandbox", "CredentialVault", "DurableFiles",
                "SecureMemory",
            ]),
        // What the tests of several modules share.
        .target(
            name: "TestSupport", dependencies: ["Platform", "SecureMemory"], path: "Tests/TestSupport",
            swiftSettings: settings),
        // System calls by their numbers, for the tests of the sandbox.
        .target(name: "CProbe", path: "Tests/CProbe"),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "AgentProtocol", "AWSConfigFile", "AWSConfigGrammar", "AWSRequests", "AWSValues",
                "CredentialImport", "CredentialVault", "ProgramSupport", "SecureMemory", "TestSupport",
            ],
            path: "Tests/Fuzzing/FuzzTargets", swiftSettings: settings),
        .testTarget(name: "FuzzCorpusTests", dependencies: ["FuzzTargets"], swiftSettings: settings),
    ] + fuzzers
)
