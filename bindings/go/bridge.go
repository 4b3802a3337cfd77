package yspay

/*
#include <stdint.h>
#include <yspay.h>

// Handles are numbers in the shape of pointers. Go must not hold such pointers, so they cross as numbers; and results
// are returned by value, so that C never writes into Go's memory.
typedef struct {
	int32_t code;
	uintptr_t handle;
	char *text; // of a success or of an error; to be freed
} outcome;

static outcome client_new(const char *config) {
	outcome out = {0};
	ysp_client *client = NULL;
	out.code = ysp_client_new(config, &client, &out.text);
	out.handle = (uintptr_t)client;
	return out;
}

static outcome client_new_from_file(const char *path) {
	outcome out = {0};
	ysp_client *client = NULL;
	out.code = ysp_client_new_from_file(path, &client, &out.text);
	out.handle = (uintptr_t)client;
	return out;
}

static void client_free(uintptr_t client) {
	ysp_client_free((ysp_client *)client);
}

static outcome client_describe(uintptr_t client) {
	outcome out = {0};
	out.code = ysp_client_describe((const ysp_client *)client, &out.text);
	return out;
}

static outcome client_stats(uintptr_t client) {
	outcome out = {0};
	out.code = ysp_client_stats((const ysp_client *)client, &out.text);
	return out;
}

static outcome query(uintptr_t client, const char *id, uint32_t timeout_ms, uintptr_t cancel) {
	outcome out = {0};
	out.code = ysp_query_sign_sts((const ysp_client *)client, id, timeout_ms, (const ysp_cancel *)cancel, NULL, &out.text);
	return out;
}

static outcome build(uintptr_t client, const char *id, const char *req_flow_id) {
	outcome out = {0};
	char *error = NULL;
	out.code = ysp_build_request((const ysp_client *)client, id, req_flow_id, &out.text, &error);
	if (error != NULL)
		out.text = error;
	return out;
}

static outcome verify(uintptr_t client, const char *id, const uint8_t *body, size_t body_len) {
	outcome out = {0};
	out.code = ysp_verify_response((const ysp_client *)client, id, body, body_len, NULL, &out.text);
	return out;
}

static uintptr_t cancel_new(void) {
	return (uintptr_t)ysp_cancel_new();
}

static void cancel_trigger(uintptr_t cancel) {
	ysp_cancel_trigger((const ysp_cancel *)cancel);
}

static void cancel_free(uintptr_t cancel) {
	ysp_cancel_free((ysp_cancel *)cancel);
}

extern void yspayGoLog(int32_t level, char *message);

static void on_log(void *user, int32_t level, const char *message) {
	(void)user;
	yspayGoLog(level, (char *)message);
}

static void set_log(int32_t level) {
	ysp_set_log(on_log, NULL, level);
}
*/
import "C"

import (
	"errors"
	"strings"
	"unsafe"
)

// handle is a client's or a cancel handle: a number that the library never gives twice; 0 is none.
type handle = C.uintptr_t

// Levels of the library's log, and none.
const (
	logOff   = 0
	logError = C.YSP_LOG_ERROR
	logWarn  = C.YSP_LOG_WARN
	logInfo  = C.YSP_LOG_INFO
	logDebug = C.YSP_LOG_DEBUG
	logTrace = C.YSP_LOG_TRACE
)

func newClient(config string) (handle, error) {
	text, err := terminated("The configuration", config)
	if err != nil {
		return 0, err
	}
	out := C.client_new(text)
	_, err = finish(out)
	return out.handle, err
}

func newClientFromFile(path string) (handle, error) {
	text, err := terminated("The path", path)
	if err != nil {
		return 0, err
	}
	out := C.client_new_from_file(text)
	_, err = finish(out)
	return out.handle, err
}

func freeClient(client handle) { C.client_free(client) }

func describe(client handle) (string, error) { return explained(finish(C.client_describe(client))) }

func clientStats(client handle) (string, error) { return explained(finish(C.client_stats(client))) }

// explained is for calls whose failures the library does not explain.
func explained(text string, err error) (string, error) {
	if errors.Is(err, ErrInvalidHandle) {
		return "", closed()
	}
	return text, err
}

// query asks; timeoutMs 0 is as configured, cancel 0 is none.
func query(client handle, id string, timeoutMs uint32, cancel handle) (string, error) {
	text, err := terminated("sysSignFlowId", id)
	if err != nil {
		return "", err
	}
	return finish(C.query(client, text, C.uint32_t(timeoutMs), cancel))
}

// buildRequest has a number made for the request where reqFlowID is empty.
func buildRequest(client handle, id, reqFlowID string) (string, error) {
	text, err := terminated("sysSignFlowId", id)
	if err != nil {
		return "", err
	}
	if reqFlowID == "" {
		return finish(C.build(client, text, nil))
	}
	number, err := terminated("reqFlowId", reqFlowID)
	if err != nil {
		return "", err
	}
	return finish(C.build(client, text, number))
}

func verifyResponse(client handle, id string, body []byte) (string, error) {
	text, err := terminated("sysSignFlowId", id)
	if err != nil {
		return "", err
	}
	return finish(C.verify(client, text, (*C.uint8_t)(unsafe.SliceData(body)), C.size_t(len(body))))
}

func newCancel() handle          { return C.cancel_new() }
func triggerCancel(token handle) { C.cancel_trigger(token) }
func freeCancel(token handle)    { C.cancel_free(token) }

// setLog has the library call yspayGoLog with messages up to this level.
func setLog(level int32) { C.set_log(C.int32_t(level)) }

func version() string { return C.GoString(C.ysp_version()) }

func codeName(code Code) string { return C.GoString(C.ysp_code_name(C.int32_t(code))) }

// terminated is a text as C reads it, in Go's memory, which cgo keeps in place for the call that it is handed to.
func terminated(name, text string) (*C.char, error) {
	if strings.IndexByte(text, 0) >= 0 {
		// C would take it for the end and lose the rest.
		return nil, &Error{Code: ErrInvalidArgument, Message: name + " holds a NUL character. Remove it."}
	}
	return (*C.char)(unsafe.Pointer(unsafe.SliceData(append([]byte(text), 0)))), nil
}

// finish takes over what came out of a call.
func finish(out C.outcome) (string, error) {
	var text string
	if out.text != nil {
		text = C.GoString(out.text)
		C.ysp_free_string(out.text)
	}
	if out.code != C.YSP_OK {
		return "", failure(Code(out.code), text)
	}
	return text, nil
}
