import io.github.controlnet.core.torch.engine.PyTorchEngineProvider;
import io.github.controlnet.core.weights.BaseWeights;
import io.github.controlnet.core.weights.ControlWeights;
import io.github.controlnet.engine.Conditioning;
import io.github.controlnet.engine.ControlNetwork;
import io.github.controlnet.engine.ControlResiduals;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.EncodedText;
import io.github.controlnet.engine.Engine;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.Hint;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.Precision;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * Computes what a control adds to its base's U-Net, for {@code check_exports.py} to compare.
 *
 * <p>Arguments: control, base, a file of float32 values (latents [4, side, side], hidden states
 * [77, width], hint [3, pixels, pixels]), side, pixels, timestep, number of residuals, the file to
 * write them to.
 */
public final class Residuals {
  private Residuals() {}

  public static void main(String[] arguments) throws Exception {
    int side = Integer.parseInt(arguments[3]);
    int pixels = Integer.parseInt(arguments[4]);
    double timestep = Double.parseDouble(arguments[5]);
    int count = Integer.parseInt(arguments[6]);
    ByteBuffer inputs =
        ByteBuffer.wrap(Files.readAllBytes(Path.of(arguments[2]))).order(ByteOrder.LITTLE_ENDIAN);
    try (BaseWeights base = BaseWeights.open(Path.of(arguments[1]), Optional.empty());
        ControlWeights control = ControlWeights.open(Path.of(arguments[0]), Optional.empty());
        Engine engine =
            new PyTorchEngineProvider().open(new EngineOptions(Device.CPU, Precision.FLOAT32, 1));
        ControlNetwork network = engine.controlNetwork(control.architecture(), control.weights())) {
      network.load();
      float[] latents = floats(inputs, 4 * side * side);
      int width = base.unet().contextWidth();
      EncodedText text = EncodedText.of(1, 77, width, floats(inputs, 77 * width));
      Hint hint = new Hint(3, pixels, pixels, floats(inputs, 3 * pixels * pixels));
      try (ControlNetwork.Run run =
              network.start(
                  new LatentShape(1, 4, side, side),
                  Conditioning.of(text, List.of(List.of(0))),
                  List.of(0),
                  hint);
          ControlResiduals residuals = run.residuals(latents, timestep);
          FileChannel out =
              FileChannel.open(
                  Path.of(arguments[7]), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        for (int i = 0; i < count; i++) {
          float[] residual = residuals.toArray(i);
          ByteBuffer bytes =
              ByteBuffer.allocate(4 * residual.length).order(ByteOrder.LITTLE_ENDIAN);
          bytes.asFloatBuffer().put(residual);
          while (bytes.hasRemaining()) {
            out.write(bytes);
          }
        }
      }
    }
  }

  private static float[] floats(ByteBuffer inputs, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = inputs.getFloat();
    }
    return values;
  }
}
