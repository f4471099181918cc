#include <filesystem>

#include "backend/data/idx_source.h"
#include "backend/data/sources.h"

namespace netwright {

namespace {

/// Where Debian's package dataset-fashion-mnist puts them.
IdxFiles files() {
  const std::filesystem::path folder = "/usr/share/datasets/fashion-mnist";
  return {folder / "train-images-idx3-ubyte.gz", folder / "train-labels-idx1-ubyte.gz",
          folder / "t10k-images-idx3-ubyte.gz", folder / "t10k-labels-idx1-ubyte.gz"};
}

std::string missing_images() {
  const IdxFiles all = files();
  for (const auto& file : {all.train_images, all.train_labels, all.test_images, all.test_labels}) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
      return "There is no " + file.string() + ". Install it with: apt install dataset-fashion-mnist";
    }
  }
  return {};
}

std::optional<DataDescription> describe_fashion_mnist(const Settings&) {
  return DataDescription{.sample_shape = {1, 28, 28},
                         .classes = 10,
                         .train_samples = 60'000,
                         .test_samples = 10'000,
                         .type = ElementType::UInt8};
}

Result<Dataset> load_fashion_mnist(const Settings&) {
  if (std::string lacking = missing_images(); !lacking.empty()) return Error{std::move(lacking)};
  return load_idx(
      files(), "Fashion-MNIST",
      {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"});
}

}  // namespace

DataSpec fashion_mnist_spec() {
  return {"fashion-mnist",
          "Fashion-MNIST",
          "70,000 gray pictures of clothes in ten classes (Zalando)",
          {},
          describe_fashion_mnist,
          load_fashion_mnist,
          missing_images};
}

}  // namespace netwright
