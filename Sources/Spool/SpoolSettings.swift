internal import Files
internal import JSON
internal import SystemPackage

/// The settings of a spool that must not change between two runs, since its keys and ids depend on them.
struct SpoolSettings {
    /// The layout of the spool's directories and sidecars.
    static let version: Int64 = 1

    func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("version", SpoolSettings.version)
        writer.member("key_from", "name")
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// Throws `settings` if the spool was made by a version, or with a setting, that this one does not know.
    static func check(in own: Directory, of path: FilePath) throws(SpoolError) {
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
        guard object?["key_from"]?.string == "name" else {
            throw .settings(path, problem: "this Billhook takes keys from file names only (key_from: name).")
        }
    }
}
