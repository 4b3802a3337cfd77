// The little that these tests need to tell what failed.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "yspay.hpp"

namespace check {

inline int failures = 0;

inline void that(bool condition, const char *what, const char *file, int line) {
    if (condition) return;
    std::cerr << file << ':' << line << ": " << what << '\n';
    failures++;
}

/// The error that `call` throws.
template <class Call>
yspay::Error error_of(const Call &call, const char *file, int line) {
    try {
        call();
    } catch (const yspay::Error &error) {
        return error;
    }
    std::cerr << file << ':' << line << ": nothing was thrown\n";
    failures++;
    return yspay::Error(yspay::ErrorDetails{});
}

inline std::string file(const char *path) {
    std::ifstream stream(path, std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) {
        std::cerr << path << ": cannot be read\n";
        std::exit(2);
    }
    return content;
}

inline bool contains(const std::string &text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace check

#define CHECK(condition) check::that((condition), #condition, __FILE__, __LINE__)
#define ERROR_OF(expression) check::error_of([&] { static_cast<void>(expression); }, __FILE__, __LINE__)
