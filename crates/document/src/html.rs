//! The letter as HTML: the body that Typst makes of the same template. Page, styles and title are the site's.

use crate::world::LetterWorld;
use engine::PressFault;
use typst_html::{HtmlDocument, HtmlOptions};

pub(crate) fn make(world: &LetterWorld<'_>) -> Result<String, PressFault> {
    let compiled = typst::compile::<HtmlDocument>(world).output;
    let document = compiled.map_err(|errors| world.fault(&errors))?;
    let page = typst_html::html(&document, &HtmlOptions { pretty: false })
        .map_err(|errors| world.fault(&errors))?;
    Ok(body(&page).to_owned())
}

/// What stands between the tags of the body.
fn body(page: &str) -> &str {
    let inside = page
        .split_once("<body")
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or(page, |(_, inside)| inside);
    inside
        .rsplit_once("</body>")
        .map_or(inside, |(inside, _)| inside)
}
