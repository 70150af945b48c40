//! What every page has: head, style, heading.

use std::fmt::Write;

use super::escape::Text;

const STYLE: &str = include_str!("style.css");

/// A page up to its title; the header is open.
pub(super) fn begin_page(page: &mut String, kicker: &str, title: &str) {
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <link rel=\"icon\" href=\"data:,\">\n\
         <title>{0}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header class=\"page\">\n<p class=\"kicker\">{1}</p>\n<h1>{0}</h1>\n",
        Text(title),
        Text(kicker)
    );
}

/// The end of a page whose main part is open.
pub(super) fn end_page(page: &mut String) {
    page.push_str("</main>\n</body>\n</html>\n");
}
