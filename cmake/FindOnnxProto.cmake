# OnnxProto::OnnxProto: ONNX's protobuf messages, <onnx/onnx_pb.h>; OnnxProto::Onnx: its checker, <onnx/checker.h>.
# Debian's ONNXConfig.cmake needs its targets' own dependencies found first, and clashes with the copies that some builds
# of LibTorch bring; the libraries alone don't.
find_package(Protobuf QUIET)
find_path(OnnxProto_INCLUDE_DIR onnx/onnx_pb.h)
find_library(OnnxProto_LIBRARY onnx_proto)
find_library(Onnx_LIBRARY onnx)
mark_as_advanced(OnnxProto_INCLUDE_DIR OnnxProto_LIBRARY Onnx_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OnnxProto REQUIRED_VARS OnnxProto_LIBRARY Onnx_LIBRARY OnnxProto_INCLUDE_DIR Protobuf_FOUND)

if(OnnxProto_FOUND AND NOT TARGET OnnxProto::OnnxProto)
  add_library(OnnxProto::OnnxProto UNKNOWN IMPORTED)
  set_target_properties(OnnxProto::OnnxProto PROPERTIES
    IMPORTED_LOCATION "${OnnxProto_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${OnnxProto_INCLUDE_DIR}"
    INTERFACE_COMPILE_DEFINITIONS "ONNX_ML=1;ONNX_NAMESPACE=onnx"
    INTERFACE_LINK_LIBRARIES protobuf::libprotobuf)
  add_library(OnnxProto::Onnx UNKNOWN IMPORTED)
  set_target_properties(OnnxProto::Onnx PROPERTIES
    IMPORTED_LOCATION "${Onnx_LIBRARY}"
    INTERFACE_LINK_LIBRARIES OnnxProto::OnnxProto)
endif()
