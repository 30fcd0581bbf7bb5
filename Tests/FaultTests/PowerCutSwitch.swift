import Foundation
import Synchronization
import TestSupport

/// The power switch of a volume: whatever is not durable when it is pulled is lost.
///
/// `EXT4_IOC_SHUTDOWN`, which is XFS's `XFS_IOC_GOINGDOWN`, without a flush of the log: from then on nothing reaches the
/// device. Its cache is not lost with it, so a missing barrier inside the file system itself would not show.
final class PowerCutSwitch: Sendable {
    /// `_IOR('X', 125, __u32)` (linux/fs/ext4.h, xfs_fs.h).
    private static let shutdownRequest: UInt = 0x8004_587d
    private static let withoutLogFlush: UInt32 = 2
    private static let loopMajor: UInt64 = 7

    private let volume: Int32
    private let state = Mutex(State.on)

    private enum State: Equatable {
        case on, off
        case failed(Int32)
    }

    /// Opens the switch of a volume, having made sure that it is one of ours: the wrong one takes the machine down.
    init(of volume: PowerCutVolume) throws {
        let descriptor = open(volume.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw HarnessError("\(volume.path) can't be opened: \(String(cString: strerror(errno))).")
        }
        do {
            try PowerCutSwitch.check(descriptor, volume)
        } catch {
            close(descriptor)
            throw error
        }
        self.volume = descriptor
    }

    deinit {
        close(volume)
    }

    /// Three independent signs, all judged by the descriptor that the request goes to.
    private static func check(_ descriptor: Int32, _ volume: PowerCutVolume) throws {
        var own = stat()
        var parent = stat()
        guard fstat(descriptor, &own) == 0, stat(volume.scratch.path, &parent) == 0 else {
            throw HarnessError("\(volume.path) can't be looked at: \(String(cString: strerror(errno))).")
        }
        let device = UInt64(own.st_dev)
        // The major number as makedev(3) puts it into a dev_t.
        let major = (device >> 8) & 0xfff | (device >> 32) & 0xffff_f000
        guard major == loopMajor else { throw HarnessError("\(volume.path) is on no loop device: not shut down.") }
        guard own.st_dev != parent.st_dev else {
            throw HarnessError("\(volume.path) is no mount point: not shut down.")
        }
        let real = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
        guard let resolved = realpath(volume.scratch.path, nil) else {
            throw HarnessError("\(volume.scratch.path) can't be resolved.")
        }
        defer { free(resolved) }
        guard real.hasPrefix(String(cString: resolved) + "/") else {
            throw HarnessError("\(real) is not inside the scratch directory: not shut down.")
        }
    }

    var isOff: Bool { state.withLock { $0 != .on } }

    /// Cuts the power, the first time; returns when it is off.
    func pull() {
        state.withLock { state in
            guard state == .on else { return }
            var flags = PowerCutSwitch.withoutLogFlush
            state = ioctl(volume, PowerCutSwitch.shutdownRequest, &flags) == 0 ? .off : .failed(errno)
        }
    }

    /// Throws if the power could not be cut.
    func confirm() throws {
        if case .failed(let code) = state.withLock({ $0 }) {
            throw HarnessError("The volume could not be shut down: \(String(cString: strerror(code))).")
        }
    }
}
