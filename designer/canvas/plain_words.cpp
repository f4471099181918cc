#include "designer/canvas/plain_words.h"

#include <map>

namespace netwright {

QString plain_words(const std::string& type) {
  static const std::map<std::string, const char*> words = {
      {"Linear", "dense fully connected fc perceptron"},
      {"Bilinear", "dense two inputs"},
      {"Embedding", "word vectors lookup tokens"},
      {"EmbeddingBag", "word vectors bag of words"},
      {"Conv1d", "convolution signal audio"},
      {"Conv2d", "convolution image filter kernel"},
      {"Conv3d", "convolution volume video"},
      {"ConvTranspose1d", "deconvolution upconvolution"},
      {"ConvTranspose2d", "deconvolution upconvolution"},
      {"ConvTranspose3d", "deconvolution upconvolution"},
      {"AdaptiveAvgPool2d", "global average pooling gap"},
      {"RNN", "recurrent sequence text"},
      {"LSTM", "recurrent sequence text memory"},
      {"GRU", "recurrent sequence text gated"},
      {"MultiheadAttention", "transformer self-attention cross heads"},
      {"TransformerEncoderLayer", "self-attention bert"},
      {"PositionalEncoding", "transformer order position"},
      {"Add", "residual skip shortcut sum plus"},
      {"Multiply", "gate product times scale"},
      {"Concat", "join cat merge skip u-net"},
      {"Flatten", "vector"},
      {"Reshape", "view"},
      {"Permute", "transpose swap axes"},
      {"Upsample", "resize enlarge interpolate"},
      {"PixelShuffle", "super-resolution depth to space"},
      {"Split", "cut parts several outputs"},
      {"Chunk", "cut parts several outputs"},
      {"Dropout", "regularise overfitting"},
      {"BatchNorm2d", "normalise bn"},
      {"BatchNorm1d", "normalise bn"},
      {"LayerNorm", "normalise ln"},
      {"SiLU", "swish"},
      {"Softmax", "probabilities classes"},
      {"Reparameterize", "variational autoencoder vae latent sampling"},
      {"Input", "data start"},
      {"Output", "end result"},
  };
  const auto found = words.find(type);
  return found == words.end() ? QString() : QString::fromLatin1(found->second);
}

bool is_usual_kin(const QString& type) {
  return type.endsWith(QLatin1String("2d"));
}

}  // namespace netwright
