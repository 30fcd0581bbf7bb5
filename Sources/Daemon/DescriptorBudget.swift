internal import Engine
internal import Glibc

/// How the descriptors that the system allows are shared out: each call under way takes one, each connection that is kept
/// open takes one, and each request that is being written takes up to three until its batch is flushed.
struct DescriptorBudget: Equatable {
    let limit: Int
    let posts: Int
    let idleConnections: Int
    /// Transitions in one lane's batch.
    let batch: Int

    /// Fewer than this, and there is more waiting than working.
    static let least = 256
    /// Directories, scans, inotify, the log, and what libcurl and the resolver keep.
    private static let fixed = 64

    init(limit: Int, lanes: Int) {
        self.limit = limit
        let half = max(0, limit - DescriptorBudget.fixed) / 2
        // While a name is looked up, a call takes two more.
        posts = max(1, min(512, half / 4))
        idleConnections = max(1, min(512, half / 4))
        batch = max(1, min(256, half / (3 * max(1, lanes))))
    }

    /// As many as the system allows from now on (`setrlimit(2)`).
    static func raise() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        return Int(min(limit.rlim_cur, 1 << 30))
    }

    /// For the log, when there are fewer than ``least``.
    var complaint: String {
        "only \(limit) files may be open at once, so at most \(posts) calls are made at a time; raise the limit"
            + " (LimitNOFILE= or ulimit -n) to \(DescriptorBudget.least) or more"
    }

    /// Keeps the engine within it.
    func bound(_ limits: inout Engine.Limits) {
        limits.posts = min(limits.posts, posts)
        limits.postsEach = max(1, min(limits.postsEach, posts / 4))
        limits.claims = max(1, min(limits.claims, 2 * batch))
    }
}
