//! Colour and width.

/// How text is written for a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextStyle {
    color: bool,
    columns: usize,
}

/// The narrowest text that still reads.
const NARROWEST: usize = 60;
/// The widest: longer lines do not read well.
const WIDEST: usize = 100;

impl Default for TextStyle {
    /// Without colour, 100 columns wide.
    fn default() -> Self {
        Self {
            color: false,
            columns: WIDEST,
        }
    }
}

impl TextStyle {
    /// With colour, by ANSI escape sequences, or without. Whether a terminal is there, and whether
    /// `NO_COLOR` is set, is for the caller to see. Nothing is said by colour alone.
    #[must_use]
    pub fn color(mut self, color: bool) -> Self {
        self.color = color;
        self
    }

    /// The terminal's width; used from 60 to 100 columns.
    #[must_use]
    pub fn width(mut self, columns: usize) -> Self {
        self.columns = columns.clamp(NARROWEST, WIDEST);
        self
    }

    pub(super) fn columns(self) -> usize {
        self.columns
    }

    pub(super) fn paint(self, paint: Paint, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        let code = match paint {
            Paint::Good => "32",
            Paint::Bad => "1;31",
            Paint::Changed => "33",
            Paint::Strong => "1",
            Paint::Faint => "2",
            Paint::Code => "36",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Good,
    Bad,
    Changed,
    Strong,
    Faint,
    Code,
}

/// Text from histories, safe for a terminal: control characters would be commands to it, and marks
/// of writing direction would turn the line around.
pub(in crate::report) fn plain(text: &str) -> String {
    let is_direction = |it| matches!(it, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .map(|it| match it {
            '\n' | '\r' | '\t' => ' ',
            it if it.is_control() || is_direction(it) => '\u{fffd}',
            it => it,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_histories_gives_no_commands() {
        assert_eq!(plain("a\u{1b}[2J\nb\u{202e}"), "a\u{fffd}[2J b\u{fffd}");
    }

    #[test]
    fn colour_is_left_out_unless_asked_for() {
        let style = TextStyle::default();
        assert_eq!(style.paint(Paint::Bad, "x"), "x");
        assert_eq!(
            style.color(true).paint(Paint::Bad, "x"),
            "\u{1b}[1;31mx\u{1b}[0m"
        );
        assert_eq!(style.width(500).columns(), 100);
    }
}
