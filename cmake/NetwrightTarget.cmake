# What every target of the project shares.

# The warnings of the project's own code, and the sanitizers where asked for.
add_library(netwright_options INTERFACE)
# -Wno-restrict: GCC 12 warns falsely about std::string (GCC bug 105651).
target_compile_options(netwright_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow=local -Wnon-virtual-dtor -Woverloaded-virtual -Wno-restrict)
if(NETWRIGHT_SANITIZE)
  target_compile_options(netwright_options INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer)
  target_link_options(netwright_options INTERFACE -fsanitize=address,undefined)
endif()

# netwright_library(model a.cpp b.cpp): a static library netwright_model with the alias netwright::model.
function(netwright_library name)
  add_library(netwright_${name} STATIC ${ARGN})
  add_library(netwright::${name} ALIAS netwright_${name})
  target_include_directories(netwright_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(netwright_${name} PRIVATE netwright_options)
endfunction()
