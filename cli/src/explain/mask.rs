//! `desKey` where it stands in the message itself: it is not shown.

use yspay_diagnosis::{Diagnosis, visible};
use zeroize::Zeroizing;

/// What stands in its place.
const MASK: &str = "⟨desKey⟩";
/// So many of its characters are the key of DES.
const EFFECTIVE: usize = 8;

/// Takes the key out of all that a diagnosis shows; whether it was there.
pub(super) fn hide(diagnosis: &mut Diagnosis, key: &str) -> bool {
    let effective = key.char_indices().nth(EFFECTIVE).map_or(key, |(end, _)| &key[..end]);
    if effective.chars().count() < EFFECTIVE {
        return false;
    }
    // The longer first, so that no rest of it stays.
    let forms = [key.to_owned(), visible(key), effective.to_owned(), visible(effective)].map(Zeroizing::new);
    let mut is_found = false;
    for text in texts(diagnosis) {
        for form in forms.iter().filter(|form| !form.is_empty()) {
            if text.contains(form.as_str()) {
                *text = text.replace(form.as_str(), MASK);
                is_found = true;
            }
        }
    }
    is_found
}

/// All that may quote the message.
fn texts(diagnosis: &mut Diagnosis) -> Vec<&mut String> {
    let mut texts = vec![&mut diagnosis.signed_text, &mut diagnosis.visible_text];
    texts.extend(diagnosis.sign_type.as_mut());
    texts.extend([&mut diagnosis.explanation.en, &mut diagnosis.explanation.zh]);
    for field in &mut diagnosis.fields {
        texts.extend([&mut field.name, &mut field.value, &mut field.visible]);
    }
    if let Some(data) = &mut diagnosis.data {
        texts.extend(data.text.as_mut());
        texts.extend(data.visible.as_mut());
        texts.extend([&mut data.explanation.en, &mut data.explanation.zh]);
    }
    for finding in &mut diagnosis.findings {
        texts.extend(finding.signed_instead.as_mut());
        texts.extend([
            &mut finding.sentence.en,
            &mut finding.sentence.zh,
            &mut finding.short.en,
            &mut finding.short.zh,
        ]);
    }
    for note in &mut diagnosis.notes {
        texts.extend([&mut note.en, &mut note.zh]);
    }
    texts
}
