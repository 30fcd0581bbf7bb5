extension Key {
    /// A key that is made again of its own name, which is not checked once more.
    public init(known name: String) {
        self.name = name
    }
}
