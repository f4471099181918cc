#include "tests/support/drawing.h"

#include <stdexcept>

namespace netwright {

LayerId Drawing::add(const std::string& type, const std::string& name, const Settings& settings,
                     std::vector<LayerId> sources) {
  Layer layer = make_layer(network(), type, {0, 120.0 * static_cast<double>(network().layers.size())}, settings);
  layer.name = name;
  if (sources.empty() && last_ && type != "Input") sources = {last_};
  if (!apply(project_, AddLayer{network_, layer})) throw std::logic_error("the layer doesn't fit");
  for (std::size_t port = 0; port < sources.size(); ++port) connect(sources[port], layer.id, static_cast<int>(port));
  last_ = layer.id;
  return last_;
}

void Drawing::connect(LayerId from, LayerId to, int port, int from_port) {
  if (!apply(project_, Connect{network_, {{from, from_port}, {to, port}}})) throw std::logic_error("can't connect");
}

namespace {

Settings conv(std::int64_t channels, std::int64_t kernel, std::int64_t stride = 1, std::int64_t padding = 0,
              bool bias = true) {
  return {{"out_channels", channels},
          {"kernel_size", Integers{kernel, kernel}},
          {"stride", Integers{stride, stride}},
          {"padding", Integers{padding, padding}},
          {"bias", bias}};
}

Settings outputs(std::int64_t features) {
  return {{"out_features", features}};
}

Project project_named(const std::string& name) {
  Project project = empty_project();
  project.name = name;
  return project;
}

}  // namespace

Project mission_cnn() {
  Project project = project_named("Mission CNN");
  Drawing draw(project);
  draw.add("Input", "input", {{"shape", Integers{3, 32, 32}}});
  draw.add("Conv2d", "conv1", conv(6, 5));
  draw.add("ReLU", "relu1");
  draw.add("MaxPool2d", "pool1");
  draw.add("Conv2d", "conv2", conv(16, 5));
  draw.add("ReLU", "relu2");
  draw.add("MaxPool2d", "pool2");
  draw.add("Flatten", "flatten");
  draw.add("Linear", "fc1", outputs(120));
  draw.add("ReLU", "relu3");
  draw.add("Linear", "fc2", outputs(84));
  draw.add("ReLU", "relu4");
  draw.add("Linear", "fc3", outputs(10));
  draw.add("Output", "output");
  return project;
}

// torchvision's vgg16: Simonyan and Zisserman 2014, configuration D.
Project vgg16() {
  Project project = project_named("VGG-16");
  Drawing draw(project);
  draw.add("Input", "input", {{"shape", Integers{3, 224, 224}}});
  int index = 0;
  const auto next = [&] { return "features_" + std::to_string(index++); };
  for (const auto& [channels, count] : {std::pair{64, 2}, {128, 2}, {256, 3}, {512, 3}, {512, 3}}) {
    for (int i = 0; i < count; ++i) {
      draw.add("Conv2d", next(), conv(channels, 3, 1, 1));
      draw.add("ReLU", next());
    }
    draw.add("MaxPool2d", next());
  }
  draw.add("AdaptiveAvgPool2d", "avgpool", {{"output_size", Integers{7, 7}}});
  draw.add("Flatten", "flatten");
  draw.add("Linear", "classifier_0", outputs(4096));
  draw.add("ReLU", "classifier_1");
  draw.add("Dropout", "classifier_2");
  draw.add("Linear", "classifier_3", outputs(4096));
  draw.add("ReLU", "classifier_4");
  draw.add("Dropout", "classifier_5");
  draw.add("Linear", "classifier_6", outputs(1000));
  draw.add("Output", "output");
  return project;
}

// torchvision's resnet18: He et al. 2015, with projection shortcuts where the size changes.
Project resnet18() {
  Project project = project_named("ResNet-18");
  Drawing draw(project);
  draw.add("Input", "input", {{"shape", Integers{3, 224, 224}}});
  draw.add("Conv2d", "conv1", conv(64, 7, 2, 3, false));
  draw.add("BatchNorm2d", "bn1");
  draw.add("ReLU", "relu");
  draw.add("MaxPool2d", "maxpool",
           {{"kernel_size", Integers{3, 3}}, {"stride", Integers{2, 2}}, {"padding", Integers{1, 1}}});
  std::int64_t channels = 64;
  for (int stage = 1; stage <= 4; ++stage, channels *= 2) {
    for (int block = 0; block < 2; ++block) {
      const std::string name = "layer" + std::to_string(stage) + "_" + std::to_string(block) + "_";
      const bool shrinks = stage > 1 && block == 0;
      const LayerId entry = draw.last();
      draw.add("Conv2d", name + "conv1", conv(channels, 3, shrinks ? 2 : 1, 1, false));
      draw.add("BatchNorm2d", name + "bn1");
      draw.add("ReLU", name + "relu1");
      draw.add("Conv2d", name + "conv2", conv(channels, 3, 1, 1, false));
      const LayerId main = draw.add("BatchNorm2d", name + "bn2");
      LayerId shortcut = entry;
      if (shrinks) {
        draw.add("Conv2d", name + "downsample_0", conv(channels, 1, 2, 0, false), {entry});
        shortcut = draw.add("BatchNorm2d", name + "downsample_1");
      }
      draw.add("Add", name + "add", {}, {main, shortcut});
      draw.add("ReLU", name + "relu2");
    }
  }
  draw.add("AdaptiveAvgPool2d", "avgpool");
  draw.add("Flatten", "flatten");
  draw.add("Linear", "fc", outputs(1000));
  draw.add("Output", "output");
  return project;
}

}  // namespace netwright
