# Language, warnings, hardening and sanitizers of every target of this project.
add_library(exporter_options INTERFACE)
target_compile_features(exporter_options INTERFACE cxx_std_20)
target_include_directories(exporter_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(exporter_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnull-dereference
  -Woverloaded-virtual -Wnon-virtual-dtor -Wformat=2
  $<$<CXX_COMPILER_ID:GNU>:-Wuseless-cast;-Wduplicated-cond;-Wlogical-op>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  $<$<BOOL:${MDCLOUD_WERROR}>:-Werror>
  -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE
  "-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.")
target_link_options(exporter_options INTERFACE -pie -Wl,-z,relro,-z,now)
if(MDCLOUD_SANITIZER)
  target_compile_options(exporter_options INTERFACE
    "-fsanitize=${MDCLOUD_SANITIZER}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(exporter_options INTERFACE "-fsanitize=${MDCLOUD_SANITIZER}")
  target_compile_options(exporter_options INTERFACE
    $<$<CXX_COMPILER_ID:Clang>:-fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/tests/fuzz/sanitizer-ignore.txt>)
else()
  target_compile_definitions(exporter_options INTERFACE
    $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=3> _GLIBCXX_ASSERTIONS)
endif()

# mdcloud_library(NAME SOURCES ... PUBLIC ... PRIVATE ...): a static library with the options above.
function(mdcloud_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PUBLIC;PRIVATE")
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC ${arg_PUBLIC} PRIVATE exporter_options ${arg_PRIVATE})
endfunction()
