//! `FreeLibrary` of a DLL that this library is a part of: a thread of an abandoned call may still run in it. So it stays
//! where it is from the first client on, as `-z nodelete` has it on Linux.

use std::ffi::c_void;
use std::ptr;

const GET_MODULE_HANDLE_EX_FLAG_PIN: u32 = 1;
const GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS: u32 = 4;

unsafe extern "system" {
    fn GetModuleHandleExW(flags: u32, inside: *const c_void, module: *mut *mut c_void) -> i32;
}

/// Keeps this code loaded until the process ends.
pub(super) fn stay() {
    let inside = stay as fn() as *const c_void;
    let mut module = ptr::null_mut();
    // SAFETY: with this flag the address is only looked up, and it is one inside this module; `module` may be written. It
    // fails for no address of a loaded module.
    unsafe {
        GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, inside, &mut module);
    }
}
