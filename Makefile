# A thin front for meson and ninja. `make` builds kist into build/; see CONTRIBUTING.md for the other trees.
PREFIX ?= /usr/local
DESTDIR ?=
# musl makes kist small and quick to start; without it meson builds a static glibc program and says what that costs.
KIST_CC ?= $(shell command -v musl-gcc || echo cc)
VERSION = $(shell sed -n "s/^  version: '\(.*\)',/\1/p" meson.build)

.PHONY: all fault unit fuzzers test bench fuzz lint install uninstall dist clean

all: build/build.ninja
	ninja -C build

# The test trees: release with --fail-at and its kin, unit tests under the sanitizers, fuzzers.
fault: build-fault/build.ninja
	ninja -C build-fault
unit: build-test/build.ninja
	ninja -C build-test
fuzzers: build-fuzz/build.ninja
	ninja -C build-fuzz

build/build.ninja:
	CC="$(KIST_CC)" meson setup build --prefix="$(PREFIX)"
build-fault/build.ninja:
	CC="$(KIST_CC)" meson setup build-fault -Dfaults=true
build-test/build.ninja:
	CC=gcc meson setup build-test -Dtests=true
build-asan/build.ninja:
	CC=gcc meson setup build-asan -Dtests=true -Db_sanitize=address,undefined
build-fuzz/build.ninja:
	CC=clang meson setup build-fuzz -Dfuzzers=true -Db_sanitize=address,undefined -Db_lundef=false

test:
	script/test
bench: all fault
	bench/bench
fuzz: fuzzers
	tool/fuzz
lint:
	tool/lint

install: all
	meson configure build --prefix="$(PREFIX)"
	DESTDIR="$(DESTDIR)" meson install -C build
uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/bin/kist" "$(DESTDIR)$(PREFIX)/share/man/man1/kist.1" \
		"$(DESTDIR)$(PREFIX)/libexec/kist/init" \
		"$(DESTDIR)$(PREFIX)/libexec/kist/archive" \
		"$(DESTDIR)$(PREFIX)/share/bash-completion/completions/kist" \
		"$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_kist" \
		"$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/kist.fish"
	-rmdir "$(DESTDIR)$(PREFIX)/libexec/kist"
dist:
	mkdir -p dist
	git -c safe.directory='*' archive --prefix=kist-$(VERSION)/ -o dist/kist-$(VERSION).tar.gz HEAD
clean:
	rm -rf build build-fault build-test build-asan build-fuzz build-lint build-lint-gcc build-lint-clang dist
