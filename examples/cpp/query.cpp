// Asks for the signing status of contracts: query CONFIG.json FLOW_ID...
// Prints a line for each; exits with 0 if every question was answered, 1 if one failed, 2 on wrong use.
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "yspay.hpp"

int main(int argc, char **argv) {
    if (argc < 3) {
        std::cerr << "usage: " << argv[0] << " CONFIG.json FLOW_ID...\n";
        return 2;
    }
    std::ifstream file(argv[1]);
    const std::string config{std::istreambuf_iterator<char>(file), {}};
    if (!file) {
        std::cerr << argv[1] << ": cannot be read\n";
        return 1;
    }
    int failures = 0;
    try {
        const yspay::Client client(config);
        for (int i = 2; i < argc; i++) {
            try {
                const yspay::Answer answer = client.query_sign_sts(argv[i]);
                std::cout << argv[i] << ": " << yspay::name(answer.sign_status) << '\n';
            } catch (const yspay::Error &error) {
                std::cerr << argv[i] << ": " << error.what() << '\n';
                failures++;
            }
        }
    } catch (const yspay::Error &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return failures > 0;
}
