import Foundation

/// What set-up fetches from: a web server, and a pip that serves wheels of the test's own.
extension ScriptedClone {
  /// Writes a text file, whose folder is made if missing.
  public func write(_ name: String, _ text: String) throws {
    let file = root.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  /// Starts a web server for the files in the folder `web`; its first answer is cut off, if asked.
  ///
  /// Where each answer began is a line of the file `ranges`.
  ///
  /// - Returns: the server and its address.
  public func startWeb(cutsOff: Bool = false) throws -> (RunningTool, String) {
    try write(
      "web.py",
      """
      import http.server, os, sys
      cut = [\(cutsOff ? "True" : "False")]
      class Handler(http.server.BaseHTTPRequestHandler):
          def do_GET(self):
              data = open("web" + self.path, "rb").read()
              start = int(self.headers.get("Range", "bytes=0-")[6:-1])
              open("ranges", "a").write(f"{start}\\n")
              self.send_response(206 if start else 200)
              if start: self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
              self.send_header("Content-Length", str(len(data) - start))
              self.end_headers()
              end = start + 300_000 if cut.pop() else len(data)
              cut.append(False)
              self.wfile.write(data[start:end])
          def log_message(self, *rest): pass
      server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
      open("port.new", "w").write(str(server.server_port))
      os.rename("port.new", "port")
      server.serve_forever()
      """)
    let web = try start("/usr/bin/python3", ["web.py"])
    web.wait(until: { text("port") != nil })
    return (web, "http://127.0.0.1:\(text("port") ?? "0")")
  }

  /// Makes `python3 -m pip download NAME==1.0` copy the clone's file `NAME-1.0-py3-none-any.whl`.
  ///
  /// What it was asked for is a line of the file `pips`.
  public func scriptPip() throws {
    try script(
      "bin/python3",
      """
      if [ "$1 $2" = "-m pip" ]; then
        for word; do last=$word; done
        case $last in
          --version) exit 0 ;;
          *==*) while [ "$1" != -d ]; do shift; done
            echo "$last" >>pips; cp "${last%%==*}-1.0-py3-none-any.whl" "$2" ;;
        esac
        exit
      fi
      exec /usr/bin/python3 "$@"
      """)
  }
}
