internal import Files
internal import JSON
internal import SystemPackage

/// The settings of a spool that must not change between two runs, since its keys and ids depend on them.
struct SpoolSettings {
    /// The layout of the spool's directories and sidecars.
    static let version: Int64 = 1

    /// Where the keys come from.
    let keySource: KeySource

    func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("version", SpoolSettings.version)
        writer.member("key_from", keySource.description)
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// Throws `settings` if the spool was made by a version, or with a setting, that this one does not know.
    static func read(in own: Directory, of path: FilePath) throws(SpoolError) -> SpoolSettings {
        let content: [UInt8]?
        do throws(Errno) {
            content = try own.read("settings", upTo: 65_536)
        } catch {
            throw .file(path, name: Spool.settingsName, error)
        }
        guard let content else { throw .missing(path) }
        let object: JSONObject?
        do throws(JSONError) {
            object = try JSONReader.read(content).object
        } catch {
            throw .settings(path, problem: "\(error)")
        }
        guard let version = object?["version"]?.int64, version == SpoolSettings.version else {
            throw .settings(path, problem: "this Billhook knows version \(SpoolSettings.version) of the layout only.")
        }
        guard let text = object?["key_from"]?.string, let keySource = KeySource(text) else {
            throw .settings(path, problem: "this Billhook knows key_from as name, content and field:NAME only.")
        }
        return SpoolSettings(keySource: keySource)
    }
}
