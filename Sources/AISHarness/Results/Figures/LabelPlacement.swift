/// Where the labels of points stand, so that they rarely cover points or each other.
package enum LabelPlacement {
  /// A rectangle in pixels, from the upper left corner to the lower right one.
  package struct Box: Equatable {
    package let left: Double
    package let top: Double
    package let right: Double
    package let bottom: Double

    package init(left: Double, top: Double, right: Double, bottom: Double) {
      (self.left, self.top, self.right, self.bottom) = (left, top, right, bottom)
    }

    package var width: Double { right - left }
    package var height: Double { bottom - top }

    /// The area that both cover.
    package func overlap(_ other: Box) -> Double {
      max(0, min(right, other.right) - max(left, other.left))
        * max(0, min(bottom, other.bottom) - max(top, other.top))
    }
  }

  /// A point in the axes' values, its whiskers, and its label, empty for none.
  struct Point {
    let x: Double
    let y: Double
    var xBounds: [Double] = []
    var yBounds: [Double] = []
    var label = ""
  }

  /// A mark on the canvas and its label.
  package struct Mark {
    package let x: Double
    package let y: Double
    let label: String
    /// The whiskers, as thin boxes.
    var whiskers: [Box] = []

    package init(x: Double, y: Double, label: String) {
      (self.x, self.y, self.label) = (x, y, label)
    }

    /// A mark with the ends of its whiskers, in pixels.
    init(
      _ place: (x: Double, y: Double), xBounds: [Double], yBounds: [Double], label: String
    ) {
      self.init(x: place.x, y: place.y, label: label)
      whiskers += boxes(along: xBounds.map { ($0, place.y) })
      whiskers += boxes(along: yBounds.map { (place.x, $0) })
    }
  }

  /// A label's box, and whether a thin line has to join it to its mark.
  package struct Label {
    package let text: String
    package let box: Box
    let mark: (x: Double, y: Double)
    package let isFar: Bool
  }

  /// Places the labels one after the other, each where it covers the least.
  ///
  /// Marks in a crowd come first, since they have the fewest free places. A label stays inside
  /// `frame`. Ties go to the nearest place, and right before left. Thin `lines` are avoided too.
  package static func labels(_ marks: [Mark], in frame: Box, besides lines: [Box] = []) -> [Label] {
    let dots = marks.map { Box(left: $0.x - 5, top: $0.y - 5, right: $0.x + 5, bottom: $0.y + 5) }
    let whiskers = marks.flatMap(\.whiskers) + lines
    let crowds = marks.map { mark in
      marks.filter { abs($0.x - mark.x) < 60 && abs($0.y - mark.y) < 30 }.count
    }
    let order = marks.indices.filter { !marks[$0].label.isEmpty }
      .sorted { (crowds[$1], $0) < (crowds[$0], $1) }
    var placed: [Label] = []
    for index in order {
      let mark = marks[index]
      var best: (cost: Double, label: Label)?
      for (rank, candidate) in places(of: mark).enumerated() {
        let box = candidate.box
        let outside = box.width * box.height - box.overlap(frame)
        // A whisker is thin, so what it covers counts more than its area.
        let cost =
          40 * outside + 8 * dots.map(box.overlap).reduce(0, +)
          + 6 * whiskers.map(box.overlap).reduce(0, +)
          + 10 * placed.map { box.overlap($0.box) }.reduce(0, +) + 6 * Double(rank)
        if best.map({ cost < $0.cost }) ?? true { best = (cost, candidate) }
      }
      if let best { placed.append(best.label) }
    }
    return placed
  }

  /// A line through places as small boxes, for labels to avoid.
  package static func boxes(along line: [(x: Double, y: Double)]) -> [Box] {
    zip(line, line.dropFirst()).flatMap { start, end -> [Box] in
      let (across, down) = (end.x - start.x, end.y - start.y)
      // An upright or a level line is one box.
      if across == 0 || down == 0 {
        return [
          Box(
            left: min(start.x, end.x) - 1, top: min(start.y, end.y) - 1,
            right: max(start.x, end.x) + 1, bottom: max(start.y, end.y) + 1)
        ]
      }
      let steps = max(1, min(500, (max(abs(across), abs(down)) / 2).rounded(.up)))
      return stride(from: 0, through: steps, by: 1).map { step in
        let (x, y) = (start.x + across * step / steps, start.y + down * step / steps)
        return Box(left: x - 1, top: y - 1, right: x + 1, bottom: y + 1)
      }
    }
  }

  /// The places to try, from the nearest ring outwards.
  private static func places(of mark: Mark) -> [Label] {
    let (width, height) = (TextBlock.width(mark.label), 14.0)
    let directions: [(x: Double, y: Double)] = [
      (1, 0), (1, -1), (1, 1), (-1, 0), (-1, -1), (-1, 1), (0, -1), (0, 1),
    ]
    return [0.0, 14, 30, 48].flatMap { ring in
      directions.map { way in
        let middle = (
          x: mark.x + way.x * (width / 2 + (way.y == 0 ? 9 : 5) + ring),
          y: mark.y + way.y * (height / 2 + (way.x == 0 ? 8 : 4) + ring)
        )
        let box = Box(
          left: middle.x - width / 2, top: middle.y - height / 2, right: middle.x + width / 2,
          bottom: middle.y + height / 2)
        return Label(text: mark.label, box: box, mark: (mark.x, mark.y), isFar: ring > 0)
      }
    }
  }
}
