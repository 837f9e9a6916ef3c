package io.github.controlnet.core.torch;

import static io.github.controlnet.core.torch.Expression.call;

import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Op;
import io.github.controlnet.core.nn.Value;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions to one channel, plain without padding and transposed, as one product, which makes as
 * many maps as the kernel has places, and the sum of these, each moved by its place. oneDNN keeps
 * its units for several channels idle: 7 x 7 over 64 channels at 518 x 518 take 109 ms there and 41
 * here.
 */
final class SingleChannelRule implements Rule {
  private static final String METHODS =
      """
        def single(self: __torch__.Network, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
          side = torch.size(weight, 2)
          columns = torch.size(x, 3)
          places = torch.mul(torch.size(x, 2), columns)
          down = torch.sub(torch.add(torch.size(x, 2), 1), side)
          across = torch.sub(torch.add(columns, 1), side)
          kernels = torch.t(torch.reshape(weight, [torch.size(weight, 1), -1]))
          y = torch.expand(torch.reshape(bias, [1, 1, 1, 1]), [torch.size(x, 0), 1, down, across])
          y = torch.clone(y, memory_format=0)
          for n in range(torch.size(x, 0)):
            picture = torch.reshape(torch.permute(torch.select(x, 0, n), [1, 2, 0]), [places, -1])
            maps = torch.mm(kernels, torch.t(picture))
            sum = torch.select(torch.select(y, 0, n), 0, 0)
            for row in range(side):
              for column in range(side):
                from = torch.add(torch.mul(torch.add(torch.mul(row, side), column), places), torch.add(torch.mul(row, columns), column))
                _0 = torch.add_(sum, torch.as_strided(maps, [down, across], [columns, 1], from))
          return y
        def single_transposed(self: __torch__.Network, x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int, extra: int) -> Tensor:
          side = torch.size(weight, 2)
          rows = torch.size(x, 2)
          columns = torch.size(x, 3)
          down = torch.add(torch.mul(torch.sub(rows, 1), stride), 1)
          across = torch.add(torch.mul(torch.sub(columns, 1), stride), 1)
          margin = torch.sub(torch.add(side, extra), 1)
          y = torch.expand(torch.reshape(bias, [1, 1, 1, 1]), [torch.size(x, 0), 1, torch.add(down, margin), torch.add(across, margin)])
          y = torch.clone(y, memory_format=0)
          kernels = torch.t(torch.reshape(weight, [torch.size(weight, 0), -1]))
          for n in range(torch.size(x, 0)):
            picture = torch.reshape(torch.permute(torch.select(x, 0, n), [1, 2, 0]), [torch.mul(rows, columns), -1])
            maps = torch.reshape(torch.mm(kernels, torch.t(picture)), [side, side, rows, columns])
            sum = torch.select(torch.select(y, 0, n), 0, 0)
            for row in range(side):
              for column in range(side):
                target = torch.slice(torch.slice(sum, 0, row, torch.add(row, down), stride), 1, column, torch.add(column, across), stride)
                _0 = torch.add_(target, torch.select(torch.select(maps, 0, row), 0, column))
          cut = torch.mul(padding, 2)
          inner = torch.narrow(torch.narrow(y, 2, padding, torch.sub(torch.size(y, 2), cut)), 3, padding, torch.sub(torch.size(y, 3), cut))
          return torch.contiguous(inner)
      """;

  @Override
  public String methods() {
    return METHODS;
  }

  @Override
  public @Nullable Expression lower(Value value, Emission out) {
    if (value.op() instanceof Op.Convolve conv && isSingle(conv.conv().sizes())) {
      Expression bias = AtenRule.bias(conv, out);
      Expression kernel = out.operand(conv.conv().kernel());
      Expression h = call("(self).single", out.of(conv.x()), kernel, WinogradRule.orZeros(bias, 1));
      return AtenRule.finished(value, conv, h, out);
    }
    if (value.op() instanceof Op.ConvolveTransposed conv
        && isSingleTransposed(conv.conv().sizes())) {
      Expression kernel = out.operand(conv.conv().kernel());
      Expression bias = AtenRule.bias(conv.conv().bias(), out);
      Expression h =
          call(
              "(self).single_transposed",
              out.of(conv.x()),
              kernel,
              WinogradRule.orZeros(bias, 1),
              conv.conv().sizes().stride(),
              conv.conv().sizes().padding(),
              conv.conv().outputPadding());
      return AtenRule.activated(h, conv.activation(), out);
    }
    return null;
  }

  private static boolean isSingle(Convolution convolution) {
    Convolution single = Convolution.of(convolution.in(), 1, convolution.side()).padding(0);
    return convolution.side() > 1 && convolution.equals(single.withBias(convolution.bias()));
  }

  private static boolean isSingleTransposed(Convolution convolution) {
    return convolution.out() == 1 && convolution.groups() == 1 && convolution.dilation() == 1;
  }
}
