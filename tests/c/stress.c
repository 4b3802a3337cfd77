/* Many threads make, use and free clients and cancel handles at once: stress SEED ROUNDS CONFIG CLOSED_CONFIG FLOW_ID
 * BODY_FILE. CONFIG is of the simulator, CLOSED_CONFIG of a port at which nobody listens, the last two are an answer
 * signed elsewhere. Handles are freed during calls and twice, and used when stale, NULL or made up. Every answer must be
 * what yspay.h promises. SEED decides what each thread does in its ROUNDS, but not when. Exits with 0 if all went well. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "yspay.h"

enum { THREADS = 8, SLOTS = 2 };

static unsigned long rounds;
static const char *config, *closed_config, *flow_id;
static unsigned char *body;
static size_t body_len;

/* A handle that any thread may use, and free and replace at any moment. */
struct slot {
    pthread_mutex_t mutex;
    void *handle;
    int triggered;
};
static struct slot clients[SLOTS], cancels[SLOTS];

struct thread {
    pthread_t id;
    unsigned long long random;
    const char *doing;
    /* Where it took handles from, and what they were then. */
    struct slot *client, *cancel;
    void *client_handle, *cancel_handle;
    unsigned long failures, calls, stale, outlived, cancelled;
};

static unsigned pick(struct thread *me, unsigned choices)
{
    me->random = me->random * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(me->random >> 33) % choices;
}

static void check(struct thread *me, int good, const char *what, int line)
{
    if (!good) {
        fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, line, me->doing, what);
        me->failures++;
    }
}
#define CHECK(good) check(me, (good) != 0, #good, __LINE__)

/* A text that came out: there or not as it must be, and with this in it. It is freed. */
static void settle(struct thread *me, char *text, const char *part)
{
    CHECK(part == NULL ? text == NULL : text != NULL && strstr(text, part) != NULL);
    ysp_free_string(text);
}

/* The same for a text that is an answer or an error. */
static void settle_outcome(struct thread *me, int32_t code, char *text)
{
    char part[40];
    snprintf(part, sizeof part, "\"code\":\"%s\"", code == YSP_OK ? "00" : ysp_code_name(code));
    settle(me, text, part);
}

static int32_t query(struct thread *me, const ysp_client *client, const ysp_cancel *cancel, int32_t *expected)
{
    static const struct {
        const char *id;
        uint32_t timeout_ms;
        int32_t code, status;
    } questions[] = {
        {"STS2-s", 0, YSP_OK, YSP_SIGN_STS_CREATED},
        {"STSX-s", 0, YSP_OK, YSP_SIGN_STS_UNKNOWN},
        {"SLOW50-s", 0, YSP_OK, YSP_SIGN_STS_CREATED},
        {"C99-s", 0, YSP_BUSINESS, YSP_SIGN_STS_NONE},
        {"C50-s", 0, YSP_GATEWAY_TIMEOUT, YSP_SIGN_STS_NONE},
        {"BADSIG-s", 0, YSP_SIGNATURE, YSP_SIGN_STS_NONE},
        {"OTHERID-s", 0, YSP_MISMATCH, YSP_SIGN_STS_NONE},
        {"NOTJSON-s", 0, YSP_MALFORMED_RESPONSE, YSP_SIGN_STS_NONE},
        {"H404-s", 0, YSP_HTTP_STATUS, YSP_SIGN_STS_NONE},
        {"RESET-s", 0, YSP_TRANSPORT, YSP_SIGN_STS_NONE},
        {"HANG-s", 20, YSP_TIMEOUT, YSP_SIGN_STS_NONE},
        {"a&b", 0, YSP_INVALID_ARGUMENT, YSP_SIGN_STS_NONE},
        {"\xc9\xcf", 0, YSP_INVALID_ARGUMENT, YSP_SIGN_STS_NONE},
        {NULL, 0, YSP_INVALID_ARGUMENT, YSP_SIGN_STS_NONE},
    };
    const unsigned i = pick(me, sizeof questions / sizeof questions[0]);
    int32_t code, status = 77;
    char *text = (char *)&status;
    me->doing = questions[i].id == NULL ? "query of NULL" : questions[i].id;
    *expected = questions[i].code;
    code = ysp_query_sign_sts(client, questions[i].id, questions[i].timeout_ms, cancel, &status, &text);
    CHECK(status == (code == YSP_OK ? questions[i].status : YSP_SIGN_STS_NONE));
    settle_outcome(me, code, text);
    return code;
}

static int32_t verify(struct thread *me, const ysp_client *client, int32_t *expected)
{
    int32_t code, status = 77;
    char *text = (char *)&status;
    const unsigned way = pick(me, 5);
    me->doing = "verify";
    *expected = way == 0 ? YSP_MISMATCH : way == 1 ? YSP_MALFORMED_RESPONSE : way == 2 ? YSP_INVALID_ARGUMENT : YSP_OK;
    code = ysp_verify_response(client, way == 0 ? "ANOTHER" : flow_id, way == 2 ? NULL : body,
                               way == 1 ? pick(me, (unsigned)body_len) : body_len, &status, &text);
    CHECK(status == (code == YSP_OK ? YSP_SIGN_STS_CREATED : YSP_SIGN_STS_NONE));
    settle_outcome(me, code, text);
    return code;
}

static int32_t build(struct thread *me, const ysp_client *client, int32_t *expected)
{
    char *request = (char *)&request, *error = (char *)&error;
    const char *own_id = pick(me, 2) ? NULL : pick(me, 2) ? "MY-OWN-ID" : "an id that is much too long";
    int32_t code = ysp_build_request(client, "F1", own_id, &request, &error);
    me->doing = "build";
    *expected = own_id != NULL && own_id[0] == 'a' ? YSP_INVALID_ARGUMENT : YSP_OK;
    settle(me, request, code != YSP_OK ? NULL : own_id != NULL ? "\"reqFlowId\":\"MY-OWN-ID\"" : "\"reqFlowId\"");
    if (code == YSP_OK)
        settle(me, error, NULL);
    else
        settle_outcome(me, code, error);
    return code;
}

static int32_t describe(struct thread *me, const ysp_client *client, int32_t *expected)
{
    char *text = (char *)&text;
    int32_t code = ysp_client_describe(client, &text);
    me->doing = "describe";
    *expected = YSP_OK;
    settle(me, text, code == YSP_OK ? "\"fingerprintSha256\"" : NULL);
    return code;
}

static int32_t count(struct thread *me, const ysp_client *client, int32_t *expected)
{
    char *text = (char *)&text;
    int32_t code = ysp_client_stats(client, &text);
    me->doing = "stats";
    *expected = YSP_OK;
    settle(me, text, code == YSP_OK ? "\"slotsInUse\"" : NULL);
    return code;
}

/* Calls with a client in any way. Gives the code, and the one that is right for a live client and cancel handle. */
static int32_t use(struct thread *me, const ysp_client *client, const ysp_cancel *cancel, int32_t *expected)
{
    me->calls++;
    if (cancel != NULL)
        return query(me, client, cancel, expected);
    switch (pick(me, 7)) {
    case 0:
        return describe(me, client, expected);
    case 1:
        return build(me, client, expected);
    case 2:
        return verify(me, client, expected);
    case 3:
        return count(me, client, expected);
    default:
        return query(me, client, NULL, expected);
    }
}

/* What is in a slot now. */
static void *held(struct slot *slot)
{
    void *handle;
    pthread_mutex_lock(&slot->mutex);
    handle = slot->handle;
    pthread_mutex_unlock(&slot->mutex);
    return handle;
}

static void take(struct thread *me)
{
    me->client = &clients[pick(me, SLOTS)];
    me->client_handle = held(me->client);
    me->cancel = &cancels[pick(me, SLOTS)];
    me->cancel_handle = held(me->cancel);
}

/* Puts another handle in a slot. Only then may the old one be freed: so who finds it in the slot after a call knows that
 * it was live all the time. */
static void *swap(struct slot *slot, void *handle)
{
    void *old;
    pthread_mutex_lock(&slot->mutex);
    old = slot->handle;
    slot->handle = handle;
    slot->triggered = 0;
    pthread_mutex_unlock(&slot->mutex);
    return old;
}

static int may_be_triggered(struct slot *slot, const void *handle)
{
    int may;
    pthread_mutex_lock(&slot->mutex);
    may = slot->triggered || slot->handle != handle;
    pthread_mutex_unlock(&slot->mutex);
    return may;
}

/* Others may have freed and triggered the handles since they were taken, or do so during the call. */
static void use_shared(struct thread *me)
{
    void *const cancel = pick(me, 2) ? me->cancel_handle : NULL;
    int32_t expected, code = use(me, me->client_handle, cancel, &expected);
    const int freed = held(me->client) != me->client_handle;
    if (code == YSP_INVALID_HANDLE)
        CHECK(freed || (cancel != NULL && held(me->cancel) != cancel));
    else if (code == YSP_CANCELLED)
        CHECK(cancel != NULL && may_be_triggered(me->cancel, cancel));
    else
        CHECK(code == expected);
    me->stale += code == YSP_INVALID_HANDLE;
    me->cancelled += code == YSP_CANCELLED;
    me->outlived += freed && code != YSP_INVALID_HANDLE;
}

static ysp_client *make(struct thread *me, const char *settings)
{
    ysp_client *client = NULL;
    char *error = (char *)&error;
    me->doing = "make";
    CHECK(ysp_client_new(settings, &client, &error) == YSP_OK && client != NULL);
    settle(me, error, NULL);
    return client;
}

/* A client of this thread's own: every answer is certain, before it is freed and after. */
static void live_and_die(struct thread *me)
{
    ysp_client *const client = make(me, config);
    ysp_cancel *const cancel = ysp_cancel_new();
    int32_t expected, code = use(me, client, pick(me, 2) ? cancel : NULL, &expected);
    CHECK(code == expected);
    ysp_client_free((ysp_client *)cancel);
    ysp_cancel_free((ysp_cancel *)client);
    ysp_cancel_trigger((ysp_cancel *)client);
    me->doing = "cancelled";
    CHECK(ysp_query_sign_sts(client, "STS2-s", 0, cancel, NULL, NULL) == YSP_OK);
    ysp_cancel_trigger(cancel);
    CHECK(ysp_query_sign_sts(client, "STS2-s", 0, cancel, NULL, NULL) == YSP_CANCELLED);
    ysp_cancel_free(cancel);
    ysp_cancel_free(cancel);
    ysp_cancel_trigger(cancel);
    CHECK(use(me, client, cancel, &expected) == YSP_INVALID_HANDLE);
    ysp_client_free(client);
    ysp_client_free(client);
    CHECK(use(me, client, NULL, &expected) == YSP_INVALID_HANDLE);
}

static void use_garbage(struct thread *me)
{
    int32_t expected;
    void *const garbage[] = {NULL, me, (void *)UINTPTR_MAX, (void *)(UINTPTR_MAX / 2 + pick(me, 1u << 30)),
                             held(&cancels[pick(me, SLOTS)])};
    void *const handle = garbage[pick(me, sizeof garbage / sizeof garbage[0])];
    CHECK(use(me, handle, NULL, &expected) == YSP_INVALID_HANDLE);
    ysp_client_free(handle);
    if (handle != garbage[4]) {
        ysp_cancel_trigger(handle);
        ysp_cancel_free(handle);
    }
    ysp_free_string(NULL);
}

static void fail_to_make(struct thread *me)
{
    ysp_client *client = (ysp_client *)&client;
    char *error = (char *)&error;
    me->doing = "make wrongly";
    CHECK(ysp_client_new("{\"src\":1}", &client, &error) == YSP_CONFIG && client == NULL);
    settle_outcome(me, YSP_CONFIG, error);
    CHECK(ysp_client_new(NULL, &client, &error) == YSP_INVALID_ARGUMENT && client == NULL);
    settle_outcome(me, YSP_INVALID_ARGUMENT, error);
    CHECK(ysp_client_new(config, NULL, &error) == YSP_INVALID_ARGUMENT);
    settle_outcome(me, YSP_INVALID_ARGUMENT, error);
}

static void ask_nobody(struct thread *me)
{
    ysp_client *const client = make(me, closed_config);
    char *text = NULL;
    me->doing = "ask nobody";
    CHECK(ysp_query_sign_sts(client, "STS2-s", 0, NULL, NULL, &text) == YSP_TRANSPORT);
    settle(me, text, "\"sent\":false");
    ysp_client_free(client);
}

static void replace(struct thread *me)
{
    ysp_client *client = make(me, config);
    ysp_cancel *cancel = ysp_cancel_new();
    client = swap(&clients[pick(me, SLOTS)], client);
    cancel = swap(&cancels[pick(me, SLOTS)], cancel);
    ysp_client_free(client);
    ysp_client_free(client);
    ysp_cancel_free(cancel);
    ysp_cancel_free(cancel);
}

static void trigger(struct thread *me)
{
    struct slot *const slot = &cancels[pick(me, SLOTS)];
    void *handle;
    pthread_mutex_lock(&slot->mutex);
    slot->triggered = 1;
    handle = slot->handle;
    pthread_mutex_unlock(&slot->mutex);
    ysp_cancel_trigger(handle);
}

static void on_log(void *user, int32_t level, const char *message)
{
    if (user != clients || level < YSP_LOG_ERROR || level > YSP_LOG_TRACE || message[0] == '\0')
        abort();
}

static void *work(void *thread)
{
    static void (*const others[])(struct thread *) = {live_and_die, use_garbage, fail_to_make,
                                                      ask_nobody,   replace,     trigger};
    struct thread *const me = thread;
    unsigned long round;
    for (round = 0; round < rounds; round++) {
        if (round % 16 == 0)
            ysp_set_log(pick(me, 2) ? on_log : NULL, clients, (int32_t)pick(me, YSP_LOG_TRACE + 1));
        if (round % 2 == 0)
            take(me);
        if (pick(me, 2))
            use_shared(me);
        else
            others[pick(me, sizeof others / sizeof others[0])](me);
    }
    return NULL;
}

/* In a block that ends where the body ends, so that a checker sees a read past it. */
static int read_body(const char *path)
{
    FILE *file = fopen(path, "rb");
    unsigned char all[1 << 14];
    if (file == NULL)
        return 0;
    body_len = fread(all, 1, sizeof all, file);
    fclose(file);
    body = malloc(body_len);
    if (body != NULL)
        memcpy(body, all, body_len);
    return body != NULL;
}

int main(int argc, char **argv)
{
    static struct thread threads[THREADS], sum;
    struct thread *const me = &sum;
    int i;
    if (argc != 7 || !read_body(argv[6])) {
        fprintf(stderr, "usage: %s SEED ROUNDS CONFIG CLOSED_CONFIG FLOW_ID BODY_FILE\n", argv[0]);
        return 2;
    }
    rounds = strtoul(argv[2], NULL, 10);
    config = argv[3];
    closed_config = argv[4];
    flow_id = argv[5];
    for (i = 0; i < SLOTS; i++) {
        pthread_mutex_init(&clients[i].mutex, NULL);
        pthread_mutex_init(&cancels[i].mutex, NULL);
        clients[i].handle = make(me, config);
        cancels[i].handle = ysp_cancel_new();
    }
    for (i = 0; i < THREADS; i++) {
        threads[i].random = strtoull(argv[1], NULL, 10) * THREADS + (unsigned)i;
        if (pthread_create(&threads[i].id, NULL, work, &threads[i]) != 0)
            return 2;
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i].id, NULL);
        sum.failures += threads[i].failures;
        sum.calls += threads[i].calls;
        sum.stale += threads[i].stale;
        sum.outlived += threads[i].outlived;
        sum.cancelled += threads[i].cancelled;
    }
    ysp_set_log(NULL, NULL, 0);
    for (i = 0; i < SLOTS; i++) {
        ysp_client_free(clients[i].handle);
        ysp_cancel_free(cancels[i].handle);
    }
    free(body);
    printf("seed %s: %d threads made %lu calls; %lu met a handle freed before, %lu outlived their client, %lu were "
           "cancelled\n",
           argv[1], THREADS, sum.calls, sum.stale, sum.outlived, sum.cancelled);
    me->doing = "in all";
    /* Or the threads did not meet: more rounds are needed. */
    CHECK(sum.stale > 0 && sum.outlived > 0 && sum.cancelled > 0);
    return sum.failures > 0;
}
