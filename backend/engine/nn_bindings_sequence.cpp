#include "backend/engine/nn_binding_table.h"

namespace netwright {

void add_sequence_bindings(BindingTable&) {}

}  // namespace netwright
