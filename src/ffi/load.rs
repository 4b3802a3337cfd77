//! While the loader loads this library: what is read once from the process is read now, before the program has threads.
//! Not on Windows, where the system itself keeps threads that read and set variables apart.

use crate::config::Environment;
use crate::transport;

/// Where nothing is called at loading, the first client does this.
pub(super) fn prepare() {
    let _ = Environment::of_process();
    transport::prepare();
}

#[used]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
static ON_LOAD: extern "C" fn() = on_load;

extern "C" fn on_load() {
    // A panic here would end a program that has not begun; the first client meets it again, and tells.
    let _ = std::panic::catch_unwind(prepare);
}
