// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "EmbedVault",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "sealring", path: "../..")],
    targets: [
        .executableTarget(
            name: "EmbedVault",
            dependencies: [.product(name: "CredentialVault", package: "sealring")],
            swiftSettings: [.swiftLanguageMode(.v6)]),
        .executableTarget(
            name: "CredentialProvider",
            dependencies: [.product(name: "SealringCredentials", package: "sealring")],
            swiftSettings: [.swiftLanguageMode(.v6)]),
    ]
)
