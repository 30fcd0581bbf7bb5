// swift-tools-version: 6.2
import PackageDescription

// The readers under libFuzzer, which looks for inputs that reach new code. A package of its own, since its entry takes the
// place of `main` and instruments all it is built with. From this directory:
//
//     swift build -c release --sanitize=fuzzer
//     .build/release/libfuzzer -max_total_time=600 -timeout=5 -max_len=4096
//
// A crash leaves its input in ./crash-HASH, and `.build/release/libfuzzer crash-HASH` repeats it.

let entry: [SwiftSetting] = [.unsafeFlags(["-parse-as-library"])]
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let upcoming: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "libfuzzer",
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    ],
    targets: [
        .target(name: "Times", swiftSettings: upcoming),
        .target(name: "JSON", swiftSettings: upcoming),
        .target(name: "Hashing", dependencies: [crypto], swiftSettings: upcoming),
        .target(name: "Process", dependencies: ["Hashing", "JSON", "Times"], swiftSettings: upcoming),
        .target(name: "Deliver", dependencies: ["Hashing", "JSON", "Times", crypto], swiftSettings: upcoming),
        .target(name: "CLinux"),
        .target(name: "Files", dependencies: ["CLinux", "Times", system], swiftSettings: upcoming),
        .target(
            name: "Spool", dependencies: ["Files", "Hashing", "JSON", "Times", system], swiftSettings: upcoming),
        .executableTarget(
            name: "libfuzzer", dependencies: ["Deliver", "JSON", "Process", "Spool", "Times"],
            swiftSettings: upcoming + entry),
    ],
    swiftLanguageModes: [.v6]
)
