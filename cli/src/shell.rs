//! Words of commands that are shown to be copied.

/// A name that the shells of this system take as one word.
pub(crate) fn quoted(name: &str) -> String {
    if cfg!(windows) { for_windows(name) } else { for_posix(name) }
}

fn for_posix(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "._-/:@+,".contains(c);
    if name.chars().all(is_plain) { name.to_owned() } else { format!("'{}'", name.replace('\'', r"'\''")) }
}

/// For cmd.exe and PowerShell, which agree on this alone; a file's name cannot hold the quotation mark.
fn for_windows(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || r"._-/:+\".contains(c);
    if name.chars().all(is_plain) { name.to_owned() } else { format!("\"{name}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_divide_or_expand_is_quoted() {
        for (name, posix, windows) in [
            ("/a/b-1.json", "/a/b-1.json", "/a/b-1.json"),
            ("目录/x", "目录/x", "目录/x"),
            ("a b", "'a b'", "\"a b\""),
            ("a&b,c", "'a&b,c'", "\"a&b,c\""),
            ("$x", "'$x'", "\"$x\""),
            ("a'b", r"'a'\''b'", "\"a'b\""),
            (r"C:\a\b", r"'C:\a\b'", r"C:\a\b"),
            (r"C:\证书 1\b", r"'C:\证书 1\b'", "\"C:\\证书 1\\b\""),
        ] {
            assert_eq!((for_posix(name), for_windows(name)), (posix.to_owned(), windows.to_owned()));
        }
    }
}
