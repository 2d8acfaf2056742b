// librdkafka uses C11 threads, which ThreadSanitizer does not intercept: it crashes in rd_kafka_new. These definitions put pthread calls,
// which it does intercept, in their place; the executable's symbols go before the C library's. Linked under the preset tsan only.
#include <cerrno>
#include <threads.h>

#include <pthread.h>
#include <sched.h>

static_assert(sizeof(mtx_t) >= sizeof(pthread_mutex_t) && sizeof(cnd_t) >= sizeof(pthread_cond_t) && sizeof(thrd_t) == sizeof(pthread_t));

namespace {

pthread_mutex_t *of(mtx_t *mutex)
{
    return reinterpret_cast<pthread_mutex_t *>(mutex);
}
pthread_cond_t *of(cnd_t *condition)
{
    return reinterpret_cast<pthread_cond_t *>(condition);
}

int resultOf(int error)
{
    switch (error) {
    case 0:
        return thrd_success;
    case EBUSY:
        return thrd_busy;
    case ETIMEDOUT:
        return thrd_timedout;
    case ENOMEM:
        return thrd_nomem;
    default:
        return thrd_error;
    }
}

struct Start
{
    thrd_start_t function;
    void *argument;
};

void *begin(void *given)
{
    const Start start = *static_cast<Start *>(given);
    delete static_cast<Start *>(given);
    return reinterpret_cast<void *>(static_cast<long>(start.function(start.argument)));
}

}

extern "C" {

int thrd_create(thrd_t *thread, thrd_start_t function, void *argument)
{
    auto *start = new Start{function, argument};
    const int error = pthread_create(thread, nullptr, begin, start);
    if (error != 0)
        delete start;
    return resultOf(error);
}

int thrd_join(thrd_t thread, int *result)
{
    void *value = nullptr;
    const int error = pthread_join(thread, &value);
    if (result != nullptr)
        *result = static_cast<int>(reinterpret_cast<long>(value));
    return resultOf(error);
}

int thrd_detach(thrd_t thread)
{
    return resultOf(pthread_detach(thread));
}
thrd_t thrd_current(void)
{
    return pthread_self();
}
int thrd_equal(thrd_t a, thrd_t b)
{
    return pthread_equal(a, b);
}
void thrd_yield(void)
{
    sched_yield();
}
void thrd_exit(int result)
{
    pthread_exit(reinterpret_cast<void *>(static_cast<long>(result)));
}

int mtx_init(mtx_t *mutex, int type)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    if ((type & mtx_recursive) != 0)
        pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    const int error = pthread_mutex_init(of(mutex), &attributes);
    pthread_mutexattr_destroy(&attributes);
    return resultOf(error);
}

int mtx_lock(mtx_t *mutex)
{
    return resultOf(pthread_mutex_lock(of(mutex)));
}
int mtx_trylock(mtx_t *mutex)
{
    return resultOf(pthread_mutex_trylock(of(mutex)));
}
int mtx_timedlock(mtx_t *mutex, const timespec *until)
{
    return resultOf(pthread_mutex_timedlock(of(mutex), until));
}
int mtx_unlock(mtx_t *mutex)
{
    return resultOf(pthread_mutex_unlock(of(mutex)));
}
void mtx_destroy(mtx_t *mutex)
{
    pthread_mutex_destroy(of(mutex));
}

int cnd_init(cnd_t *condition)
{
    return resultOf(pthread_cond_init(of(condition), nullptr));
}
int cnd_signal(cnd_t *condition)
{
    return resultOf(pthread_cond_signal(of(condition)));
}
int cnd_broadcast(cnd_t *condition)
{
    return resultOf(pthread_cond_broadcast(of(condition)));
}
int cnd_wait(cnd_t *condition, mtx_t *mutex)
{
    return resultOf(pthread_cond_wait(of(condition), of(mutex)));
}
int cnd_timedwait(cnd_t *condition, mtx_t *mutex, const timespec *until)
{
    return resultOf(pthread_cond_timedwait(of(condition), of(mutex), until));
}
void cnd_destroy(cnd_t *condition)
{
    pthread_cond_destroy(of(condition));
}
}
