//! The Java face: the natives of `io.github.yspay.Native`, where they are documented. Each is a conversion and a call.
//!
//! Text crosses as UTF-8 in byte arrays: Java's modified UTF-8, with forms of its own for NUL and for supplementary
//! characters, is nowhere to be misread. A failure goes to `Native.fail` as the JSON of the C header, and is thrown there.

#![allow(missing_docs)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ::jni::objects::{JByteArray, JClass, JString};
use ::jni::refs::{Reference, Weak};
use ::jni::sys::{jint, jlong};
use ::jni::vm::JavaVM;
use ::jni::{Env, EnvUnowned, jni_mangle, jni_sig, jni_str};
use zeroize::Zeroizing;

use super::guard::caught;
use super::{handle, making};
use crate::cancel::CancelToken;
use crate::client::{Client, QueryOptions};
use crate::config::Environment;
use crate::error::{Code, Error};
use crate::given_path;
use crate::log::{self, Level};

#[jni_mangle("io.github.yspay.Native")]
pub fn new_client<'a>(env: EnvUnowned<'a>, class: JClass<'a>, config: JByteArray<'a>) -> jlong {
    native(env, &class, |env| {
        // It holds secrets.
        let config = Zeroizing::new(env.convert_byte_array(&config)?);
        let config = text(&config, "config")?;
        let environment = environment(env, config)?;
        Ok(to_java(making::new_client(|| Client::from_json_in(config, Some(&environment)))?))
    })
}

#[jni_mangle("io.github.yspay.Native")]
pub fn free_client<'a>(env: EnvUnowned<'a>, class: JClass<'a>, client: jlong) {
    native(env, &class, |_| {
        handle::remove_client(from_java(client));
        Ok(())
    });
}

#[jni_mangle("io.github.yspay.Native")]
pub fn describe<'a>(env: EnvUnowned<'a>, class: JClass<'a>, client: jlong) -> JByteArray<'a> {
    native(env, &class, |env| {
        let json = handle::client(from_java(client))?.describe().to_json();
        Ok(env.byte_array_from_slice(json.as_bytes())?)
    })
}

#[jni_mangle("io.github.yspay.Native")]
pub fn query<'a>(
    env: EnvUnowned<'a>,
    class: JClass<'a>,
    client: jlong,
    sys_sign_flow_id: JByteArray<'a>,
    timeout_ms: jlong,
    cancel: jlong,
) -> JByteArray<'a> {
    native(env, &class, |env| {
        let client = handle::client(from_java(client))?;
        let options = QueryOptions {
            timeout: u64::try_from(timeout_ms).ok().map(Duration::from_millis),
            cancel: Some(handle::cancel(from_java(cancel))?),
        };
        let flow_id = env.convert_byte_array(&sys_sign_flow_id)?;
        let answer = client.query_sign_sts_with(text(&flow_id, "sysSignFlowId")?, &options)?;
        Ok(env.byte_array_from_slice(answer.to_json().as_bytes())?)
    })
}

#[jni_mangle("io.github.yspay.Native")]
pub fn build_request<'a>(
    env: EnvUnowned<'a>,
    class: JClass<'a>,
    client: jlong,
    sys_sign_flow_id: JByteArray<'a>,
    req_flow_id: JByteArray<'a>,
) -> JByteArray<'a> {
    native(env, &class, |env| {
        let client = handle::client(from_java(client))?;
        let flow_id = env.convert_byte_array(&sys_sign_flow_id)?;
        let given = if req_flow_id.is_null() { None } else { Some(env.convert_byte_array(&req_flow_id)?) };
        let given = given.as_deref().map(|given| text(given, "reqFlowId")).transpose()?;
        let body = client.build_request(text(&flow_id, "sysSignFlowId")?, given)?;
        Ok(env.byte_array_from_slice(body.as_bytes())?)
    })
}

#[jni_mangle("io.github.yspay.Native")]
pub fn verify_response<'a>(
    env: EnvUnowned<'a>,
    class: JClass<'a>,
    client: jlong,
    sys_sign_flow_id: JByteArray<'a>,
    body: JByteArray<'a>,
) -> JByteArray<'a> {
    native(env, &class, |env| {
        let client = handle::client(from_java(client))?;
        let flow_id = env.convert_byte_array(&sys_sign_flow_id)?;
        let body = env.convert_byte_array(&body)?;
        let verified = client.verify_response(text(&flow_id, "sysSignFlowId")?, &body)?;
        Ok(env.byte_array_from_slice(verified.to_json().as_bytes())?)
    })
}

#[jni_mangle("io.github.yspay.Native")]
pub fn new_cancel<'a>(env: EnvUnowned<'a>, class: JClass<'a>) -> jlong {
    native(env, &class, |_| Ok(to_java(handle::add_cancel(CancelToken::new()))))
}

#[jni_mangle("io.github.yspay.Native")]
pub fn trigger_cancel<'a>(env: EnvUnowned<'a>, class: JClass<'a>, cancel: jlong) {
    native(env, &class, |_| {
        handle::cancel(from_java(cancel))?.trigger();
        Ok(())
    });
}

#[jni_mangle("io.github.yspay.Native")]
pub fn free_cancel<'a>(env: EnvUnowned<'a>, class: JClass<'a>, cancel: jlong) {
    native(env, &class, |_| {
        handle::remove_cancel(from_java(cancel));
        Ok(())
    });
}

#[jni_mangle("io.github.yspay.Native")]
pub fn version<'a>(env: EnvUnowned<'a>, class: JClass<'a>) -> JByteArray<'a> {
    native(env, &class, |env| Ok(env.byte_array_from_slice(env!("CARGO_PKG_VERSION").as_bytes())?))
}

#[jni_mangle("io.github.yspay.Native")]
pub fn path_label<'a>(env: EnvUnowned<'a>, class: JClass<'a>, path: JByteArray<'a>) -> JByteArray<'a> {
    native(env, &class, |env| {
        let path = Zeroizing::new(env.convert_byte_array(&path)?);
        let label = given_path::label(Path::new(&*String::from_utf8_lossy(&path)));
        Ok(env.byte_array_from_slice(label.as_bytes())?)
    })
}

#[jni_mangle("io.github.yspay.Native")]
pub fn set_log_level<'a>(env: EnvUnowned<'a>, class: JClass<'a>, level: jint) {
    native(env, &class, |env| {
        let least = match level {
            ..=0 => {
                log::set_sink(None, Level::Error);
                return Ok(());
            }
            1 => Level::Error,
            2 => Level::Warn,
            3 => Level::Info,
            4 => Level::Debug,
            _ => Level::Trace,
        };
        // Weak: a sink must not keep a web application's class loader alive.
        let class = env.new_weak_ref(&class)?;
        log::set_sink(Some(Arc::new(move |level, message: &str| tell_java(&class, level, message))), least);
        Ok(())
    });
}

/// Hands a message to `Native.log`, if this is one of Java's threads. What goes wrong there stays there.
fn tell_java(class: &Weak<JClass<'static>>, level: Level, message: &str) {
    const REFERENCES: usize = 4;
    let _ = JavaVM::singleton().and_then(|vm| {
        vm.with_local_frame(REFERENCES, |env| -> ::jni::errors::Result<()> {
            let Some(class) = class.upgrade_local(env)? else { return Ok(()) };
            let message = env.byte_array_from_slice(message.as_bytes())?;
            let arguments = [(level as jint).into(), (&message).into()];
            let result = env.call_static_method(&class, jni_str!("log"), jni_sig!((jint, [jbyte]) -> void), &arguments);
            if result.is_err() {
                env.exception_clear();
            }
            Ok(())
        })
    });
}

/// Why a native method has no result.
enum Failure {
    /// To be thrown.
    Told(Error),
    /// Java's own exception is pending already, for example for want of memory.
    Pending,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Told(error)
    }
}

impl From<::jni::errors::Error> for Failure {
    fn from(error: ::jni::errors::Error) -> Self {
        match error {
            ::jni::errors::Error::JavaException => Failure::Pending,
            other => Failure::Told(Error::new(Code::Internal, format!("Java's native interface refused: {other}."))),
        }
    }
}

/// Runs a native method. An error or a panic becomes a Java exception; the result is then 0 or null, which Java drops.
fn native<'a, T: Default>(
    mut env: EnvUnowned<'a>,
    class: &JClass<'a>,
    body: impl FnOnce(&mut Env<'a>) -> Result<T, Failure>,
) -> T {
    env.with_env(|env| -> ::jni::errors::Result<T> {
        match caught(|| body(env)) {
            Ok(result) => return Ok(result),
            Err(Failure::Pending) => {}
            Err(Failure::Told(error)) => {
                let json = env.byte_array_from_slice(error.to_json().as_bytes())?;
                env.call_static_method(class, jni_str!("fail"), jni_sig!(([jbyte]) -> void), &[(&json).into()])?;
            }
        }
        Ok(T::default())
    })
    .resolve::<::jni::errors::LogErrorAndDefault>()
}

/// The variables of Java's `System.getenv`, which were copied when the JVM started to use them.
fn environment(env: &mut Env<'_>, config: &str) -> Result<Environment, ::jni::errors::Error> {
    let mut failed = None;
    let environment = Environment::read(config, |name| {
        variable(env, name).unwrap_or_else(|error| {
            failed = Some(error);
            None
        })
    });
    failed.map_or(Ok(environment), Err)
}

fn variable(env: &mut Env<'_>, name: &str) -> Result<Option<String>, ::jni::errors::Error> {
    env.with_local_frame(4, |env| -> ::jni::errors::Result<_> {
        let name = env.new_string(name)?;
        let arguments = [(&name).into()];
        let signature = jni_sig!((JString) -> JString);
        let value =
            env.call_static_method(jni_str!("java/lang/System"), jni_str!("getenv"), signature, &arguments)?.l()?;
        if value.is_null() {
            return Ok(None);
        }
        Ok(Some(env.cast_local::<JString>(value)?.try_to_string(env)?))
    })
}

fn text<'a>(bytes: &'a [u8], name: &str) -> Result<&'a str, Error> {
    std::str::from_utf8(bytes).map_err(|_| Error::new(Code::InvalidArgument, format!("{name} is not UTF-8.")))
}

/// No handle has the highest bit, so each fits.
fn to_java(handle: usize) -> jlong {
    jlong::try_from(handle).unwrap_or(0)
}

/// A number that cannot be a handle becomes one that no handle has.
fn from_java(handle: jlong) -> usize {
    usize::try_from(handle).unwrap_or(usize::MAX)
}
