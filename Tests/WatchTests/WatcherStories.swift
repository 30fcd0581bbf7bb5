import Testing

/// All stories that use the one watcher of the process; one after the other.
@Suite(.serialized)
enum WatcherStories {}
