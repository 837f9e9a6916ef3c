package io.github.controlnet.core.torch;

import static io.github.controlnet.core.torch.Expression.call;
import static io.github.controlnet.core.torch.Expression.text;

import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Op;
import io.github.controlnet.core.nn.Value;
import org.jspecify.annotations.Nullable;

/**
 * 3 x 3 convolutions by Winograd's minimal filtering F(4 x 4, 3 x 3) (Lavin and Gray 2016,
 * arXiv:1509.09308, section 4.3): a tile of 6 x 6 inputs becomes 36 numbers, whose products with
 * the 36 of the kernel make a tile of 4 x 4 outputs, with a quarter of the multiplications. In
 * float32 its relative error is 2e-6, that of the direct sum 3e-7.
 *
 * <p>Tiles are taken in bands that stay in the processor's cache. The kernel is kept as it is, 9
 * numbers, and transformed again each time: that costs a tenth of the time, and four times the
 * memory would be needed to avoid it. Where several bands need a kernel that is small, it is
 * transformed once for all of them, otherwise a few of the 36 at a time. What is computed on the
 * way lies in memory that stays with the module: the pages of fresh memory cost as much as the
 * arithmetic.
 */
final class WinogradRule implements Rule {
  private static final int SIDE = 3;
  private static final int NARROWEST = 128;
  private static final int WIDEST_IN = 1920;
  private static final int WIDEST_OUT = 640;

  /**
   * {@code winograd(x, weight, bias, padding)}: x channels-last [n, in, h, w], weight [9, in, out],
   * padding 0 or 1. The three matrices are the Kronecker squares of those in the paper, so that one
   * product transforms both axes. Row 7 of the products reaches all 16 outputs with factor 1: the
   * bias goes there. The outputs' tiles take the place of the inputs', which are not needed any
   * more ({@link #pays} keeps them large enough).
   */
  private static final String METHODS =
      """
        def pack_winograd(self: __torch__.Network, name: str, values: Tensor, numbers: List[int]) -> NoneType:
          x = torch.to(values, 6)
          ordered = torch.contiguous(torch.permute(x, [2, 3, 1, 0]))
          _0 = torch._set_item(self.w, name, torch.reshape(ordered, [9, torch.size(x, 1), torch.size(x, 0)]))
          if torch.__not__(torch.__contains__(self.w, "winograd.input")):
            b = torch.tensor([[4., 0., -5., 0., 1., 0.], [0., -4., -4., 1., 1., 0.], [0., 4., -4., -1., 1., 0.], [0., -2., -1., 2., 1., 0.], [0., 2., -1., -2., 1., 0.], [0., 4., 0., -5., 0., 1.]], dtype=7)
            g = torch.tensor([[6., 0., 0.], [-4., -4., -4.], [-4., 4., -4.], [1., 2., 4.], [1., -2., 4.], [0., 0., 24.]], dtype=7)
            a = torch.tensor([[1., 1., 1., 1., 1., 0.], [0., 1., -1., 2., -2., 0.], [0., 1., 1., 4., 4., 0.], [0., 1., -1., 8., -8., 1.]], dtype=7)
            _1 = torch._set_item(self.w, "winograd.input", torch.to(torch.kron(b, b), 6))
            _2 = torch._set_item(self.w, "winograd.kernel", torch.to(torch.div(torch.kron(g, g), 576.), 6))
            _3 = torch._set_item(self.w, "winograd.output", torch.to(torch.kron(a, a), 6))
          else:
            pass
          return None
        def scratch(self: __torch__.Network, key: str, size: int) -> Tensor:
          w = self.w
          if torch.gt(size, 12000000):
            space = torch.empty([size], dtype=6)
          else:
            if torch.__contains__(w, key):
              if torch.lt(torch.size(w[key], 0), size):
                _0 = torch._set_item(w, key, torch.empty([size], dtype=6))
              else:
                pass
            else:
              _1 = torch._set_item(w, key, torch.empty([size], dtype=6))
            space = torch.narrow(w[key], 0, 0, size)
          return space
        def winograd(self: __torch__.Network, x: Tensor, weight: Tensor, bias: Tensor, padding: int) -> Tensor:
          w = self.w
          n = torch.size(x, 0)
          lost = torch.sub(2, torch.mul(padding, 2))
          rows = torch.sub(torch.size(x, 2), lost)
          columns = torch.sub(torch.size(x, 3), lost)
          channels = torch.size(x, 1)
          out = torch.size(weight, 2)
          down = torch.floordiv(torch.add(rows, 3), 4)
          across = torch.floordiv(torch.add(columns, 3), 4)
          area = torch.mul(channels, out)
          small = torch.le(area, 262144)
          fit = 256
          if small:
            fit = 128
          else:
            pass
          images = ops.prim.max(1, ops.prim.min(n, torch.floordiv(fit, torch.mul(down, across))))
          band = ops.prim.max(1, ops.prim.min(down, torch.floordiv(fit, across)))
          most = torch.mul(torch.mul(images, band), across)
          whole = torch.__and__(small, torch.lt(most, torch.mul(n, torch.mul(down, across))))
          group = 6
          if whole:
            group = 36
          else:
            pass
          kernel = torch.reshape(weight, [9, area])
          kernels = torch.reshape((self).scratch("winograd.kernels", torch.mul(group, area)), [group, area])
          if whole:
            _4 = torch.mm(w["winograd.kernel"], kernel, out=kernels)
          else:
            pass
          space = (self).scratch("winograd.space", torch.mul(torch.mul(36, most), torch.add(torch.mul(channels, 2), out)))
          y = torch.empty([n, torch.mul(down, 4), torch.mul(across, 4), out], dtype=6)
          pictures = torch.permute(x, [0, 2, 3, 1])
          for first in range(0, n, images):
            count = ops.prim.min(images, torch.sub(n, first))
            for top in range(0, down, band):
              high = ops.prim.min(band, torch.sub(down, top))
              tiles = torch.mul(torch.mul(count, high), across)
              ins = torch.mul(torch.mul(36, tiles), channels)
              outs = torch.mul(torch.mul(36, tiles), out)
              height = torch.add(torch.mul(high, 4), 2)
              begin = torch.sub(torch.mul(top, 4), padding)
              from = ops.prim.max(begin, 0)
              to = ops.prim.min(torch.add(begin, height), torch.size(x, 2))
              inside = torch.narrow(torch.narrow(pictures, 0, first, count), 1, from, torch.sub(to, from))
              strip = torch.constant_pad_nd(inside, [0, 0, padding, torch.sub(torch.add(torch.mul(across, 4), padding), columns), torch.sub(from, begin), torch.sub(torch.add(begin, height), to)])
              wide = torch.mul(torch.add(torch.mul(across, 4), 2), channels)
              six = torch.as_strided(strip, [6, 6, count, high, across, channels], [wide, channels, torch.mul(wide, height), torch.mul(wide, 4), torch.mul(channels, 4), 1])
              gathered = torch.narrow(space, 0, 0, ins)
              _5 = torch.copy_(torch.view(gathered, [6, 6, count, high, across, channels]), six)
              inputs = torch.narrow(space, 0, ins, ins)
              _6 = torch.mm(w["winograd.input"], torch.view(gathered, [36, -1]), out=torch.view(inputs, [36, -1]))
              products = torch.view(torch.narrow(space, 0, torch.mul(ins, 2), outs), [36, tiles, out])
              if whole:
                _7 = torch.bmm(torch.view(inputs, [36, tiles, channels]), torch.view(kernels, [36, channels, out]), out=products)
              else:
                for i in range(0, 36, group):
                  _0 = torch.mm(torch.narrow(w["winograd.kernel"], 0, i, group), kernel, out=kernels)
                  _1 = torch.bmm(torch.narrow(torch.view(inputs, [36, tiles, channels]), 0, i, group), torch.view(kernels, [group, channels, out]), out=torch.narrow(products, 0, i, group))
              _2 = torch.add_(torch.select(products, 0, 7), bias)
              outputs = torch.narrow(space, 0, 0, torch.mul(16, torch.mul(tiles, out)))
              _8 = torch.mm(w["winograd.output"], torch.view(products, [36, -1]), out=torch.view(outputs, [16, -1]))
              ordered = torch.permute(torch.view(outputs, [4, 4, count, high, across, out]), [2, 3, 0, 4, 1, 5])
              target = torch.narrow(torch.narrow(y, 0, first, count), 1, torch.mul(top, 4), torch.mul(high, 4))
              _3 = torch.copy_(torch.view(target, [count, high, 4, across, 4, out]), ordered)
          part = torch.narrow(torch.narrow(y, 1, 0, rows), 2, 0, columns)
          return torch.contiguous(torch.permute(part, [0, 3, 1, 2]), memory_format=2)
      """;

  @Override
  public String methods() {
    return METHODS;
  }

  @Override
  public @Nullable Expression lower(Value value, Emission out) {
    if (!(value.op() instanceof Op.Convolve conv) || !pays(conv.conv().sizes())) {
      return null;
    }
    Convolution sizes = conv.conv().sizes();
    Expression bias = AtenRule.bias(conv, out);
    Expression packed = out.packed(Packing.of("pack_winograd"), conv.conv().kernel());
    Expression h =
        call(
            "(self).winograd",
            out.of(conv.x()),
            packed,
            orZeros(bias, sizes.out()),
            sizes.padding());
    return AtenRule.finished(value, conv, h, out);
  }

  /** A bias, or zeros where there is none. */
  static Expression orZeros(Expression bias, int channels) {
    return bias.equals(Emission.NONE) ? text("torch.zeros([" + channels + "], dtype=6)") : bias;
  }

  /**
   * Tells whether it is worth while. The wider convolutions of Stable Diffusion see too few tiles
   * for their kernels' transform, the narrower are bound by memory either way.
   */
  static boolean pays(Convolution convolution) {
    int in = convolution.in();
    int out = convolution.out();
    Convolution plain =
        Convolution.of(in, out, SIDE).padding(convolution.padding()).withBias(convolution.bias());
    return convolution.equals(plain)
        && convolution.padding() <= 1
        && Math.min(in, out) >= NARROWEST
        && in <= WIDEST_IN
        && out <= WIDEST_OUT
        && 16 * out <= 36 * in;
  }
}
