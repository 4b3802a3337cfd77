//! What is told to people: as `std` has it, but who reads it may have gone (`2>&1 | head`), or its disk may be full, and
//! that must neither end a run nor panic. `std`'s own names, so that nobody takes the wrong ones by habit.

macro_rules! eprint {
    ($($text:tt)*) => {{
        let _ = std::io::Write::write_fmt(&mut std::io::stderr().lock(), format_args!($($text)*));
    }};
}

macro_rules! eprintln {
    () => { eprint!("\n") };
    ($($text:tt)*) => { eprint!("{}\n", format_args!($($text)*)) };
}
